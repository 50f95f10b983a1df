/**
 * The nginx load: one worker per CPU that serves static files to kept-alive connections, the case in which a reference
 * count per open file stops a large machine from scaling.
 *
 * The shape of a request and its defaults were counted in configs/traces/nginx-static.strace (nginx 1.22, two workers, 1,563
 * requests on 8 kept-alive connections): per request that finds its file, recvfrom, openat, newfstatat, writev, sendfile,
 * write to the access log and close, once each (1,487 times); per request that does not (76, 4.9 %), recvfrom, the failed
 * openat, write to the error log, writev, write to the access log.
 */
import { z } from "zod";
import { Event } from "../kernel/events.ts";
import {
  profilesParameter,
  requestsParameter,
  shareOf,
  thinkDistributionParameter,
  thinkTimeNs,
  thinkUsParameter,
  threadsPerProcessParameter,
  workerLabelsParameter,
  workerProfile,
} from "./parameters.ts";
import { Random } from "./random.ts";
import { mayRead, mayWrite, ScriptBuilder } from "./script.ts";
import { type BuildContext, makeWorkload, type Workload } from "./workload.ts";

const shareParameter = z.number().min(0).max(1);

export const nginxParameters = z
  .strictObject({
    requests: requestsParameter.default(40_000),
    distinctRequests: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe("requests that each CPU draws before its script repeats them"),
    thinkUs: thinkUsParameter.default(35),
    thinkDistribution: thinkDistributionParameter.default("exponential"),
    keepAlive: shareParameter
      .default(0.9)
      .describe("share of requests on a connection that is open already; the recorded run has 0.995"),
    connections: z
      .int()
      .min(1)
      .max(1000)
      .default(4)
      .describe("connections that each worker keeps open; the recorded run has 8 for two workers"),
    filesPerRequest: z
      .int()
      .min(0)
      .max(100)
      .default(1)
      .describe("files opened for a request, one after the other"),
    permissionsPerFile: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe("reads of each file beside its sendfile; nginx does none"),
    notFoundShare: shareParameter
      .default(0.049)
      .describe(
        "share of requests for files that do not exist: they take no reference; recorded: 76 of 1,563",
      ),
    logWrites: z.int().min(0).max(100).default(1).describe("writes to the access log for each request"),
    profiles: profilesParameter.default(8),
    workerLabels: workerLabelsParameter.default("unconfined"),
    changeProfileShare: shareParameter
      .default(0)
      .describe("share of requests that are served under a profile of the policy (as by mod_apparmor)"),
    changeBy: z
      .enum(["changeProfile", "exec"])
      .default("changeProfile")
      .describe("how a request enters its profile; it always leaves it by changeProfile"),
    passShare: shareParameter
      .default(0)
      .describe("share of requests whose first file is also passed to the worker of the next CPU"),
    threadsPerProcess: threadsPerProcessParameter.default(1),
  })
  .superRefine((parameters, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (parameters.profiles === 0 && parameters.workerLabels !== "unconfined") {
      refuse(
        "workerLabels",
        `\`${parameters.workerLabels}\` needs at least one profile; set profiles to 1 or more`,
      );
    }
    if (parameters.profiles === 0 && parameters.changeProfileShare > 0) {
      refuse("changeProfileShare", "needs at least one profile; set profiles to 1 or more");
    }
    if (parameters.filesPerRequest === 0 && parameters.passShare > 0) {
      refuse("passShare", "needs files to pass; set filesPerRequest to 1 or more");
    }
    if (parameters.passShare + parameters.notFoundShare > 1) {
      refuse(
        "passShare",
        "a request whose file is missing passes none: passShare + notFoundShare must not exceed 1",
      );
    }
  });

export type NginxParameters = z.infer<typeof nginxParameters>;

/** Descriptors of a worker. Connections come first behind the fixed ones, then the file, then the file received. */
const accessLogFd = 0;
const errorLogFd = 1;
const listenFd = 2;
const firstConnectionFd = 3;

/**
 * Files in flight to one worker. Pass k uses channel k modulo `channelsPerCpu` and is received `receiveLag` passes later, so
 * that workers need not move in step.
 *
 * Passing cannot deadlock, even when a channel holds a single file, because all CPUs execute the same sequence of passes
 * and receives: receive k waits for the neighbour's pass k, which stands earlier in that sequence (receiveLag >= 0), and
 * pass k waits for the neighbour's receive k - channelsPerCpu, which stands earlier too (receiveLag < channelsPerCpu). So
 * whoever stands earliest in the sequence can always go on.
 */
const channelsPerCpu = 4;
const receiveLag = 2;

/** Draws one worker's requests and writes their records. */
class Worker {
  readonly parameters: NginxParameters;
  readonly cpu: number;
  readonly cpus: number;
  readonly script: ScriptBuilder;
  readonly random: Random;
  readonly fileFd: number;
  readonly receivedFd: number;
  readonly profile: number;
  /** Requests so far whose file did not exist. */
  failedOpens = 0;
  #passed = 0;
  #received = 0;

  constructor(
    parameters: NginxParameters,
    context: BuildContext,
    cpu: number,
    script: ScriptBuilder,
    stream: string,
  ) {
    this.parameters = parameters;
    this.cpu = cpu;
    this.cpus = context.cpus;
    this.script = script;
    this.random = new Random(`${context.seed}/nginx/${stream}/${cpu}`);
    this.fileFd = firstConnectionFd + parameters.connections;
    this.receivedFd = this.fileFd + 1;
    this.profile = workerProfile(parameters.workerLabels, cpu, parameters.profiles);
  }

  /** What a worker does before it serves: its label, its logs, its listening socket, its first connections. */
  startUp(): void {
    const { script, parameters } = this;
    script.add(Event.switchTask, this.cpu);
    if (this.profile !== 0) script.add(Event.changeProfile, this.profile);
    script.add(Event.open, accessLogFd);
    script.add(Event.open, errorLogFd);
    script.add(Event.socket, listenFd);
    for (let i = 0; i < parameters.connections; i++)
      script.add(Event.accept, listenFd, firstConnectionFd + i);
  }

  /** One request. `passes`: its first file goes to the next worker as well; all CPUs agree on which requests do. */
  request(passes: boolean): void {
    const { script, parameters, random } = this;
    const thinkNs = thinkTimeNs(parameters.thinkUs, parameters.thinkDistribution, random);
    if (thinkNs > 0) script.add(Event.think, thinkNs);
    const connectionFd = firstConnectionFd + random.below(parameters.connections);
    if (!random.chance(parameters.keepAlive)) {
      script.add(Event.close, connectionFd);
      script.add(Event.accept, listenFd, connectionFd);
    }
    script.add(Event.permission, connectionFd, mayRead); // recvfrom
    const changes = random.chance(parameters.changeProfileShare);
    if (changes) {
      const profile = 1 + random.below(parameters.profiles);
      script.add(parameters.changeBy === "exec" ? Event.exec : Event.changeProfile, profile);
    }
    const notFound = !passes && random.chance(this.#notFoundShare());
    if (notFound) {
      this.failedOpens++;
      script.add(Event.permission, errorLogFd, mayWrite);
    }
    script.add(Event.send, connectionFd); // writev: the header, or the page that says 404
    if (!notFound) {
      for (let file = 0; file < parameters.filesPerRequest; file++)
        this.#serveFile(connectionFd, passes && file === 0);
    }
    for (let i = 0; i < parameters.logWrites; i++) script.add(Event.permission, accessLogFd, mayWrite);
    if (changes) script.add(Event.changeProfile, this.profile);
    if (passes && this.#passed > receiveLag) this.#receive();
    script.add(Event.request);
  }

  /** Takes the files that are still due, and starts the numbering of channels anew. */
  drain(): void {
    while (this.#received < this.#passed) this.#receive();
    this.#passed = 0;
    this.#received = 0;
  }

  /** Requests that pass a file always find it, so the others fail a little more often. */
  #notFoundShare(): number {
    const { passShare, notFoundShare, filesPerRequest } = this.parameters;
    if (filesPerRequest === 0 || passShare === 1) return 0;
    return notFoundShare / (1 - passShare);
  }

  #serveFile(connectionFd: number, passes: boolean): void {
    const { script, fileFd } = this;
    script.add(Event.open, fileFd);
    for (let i = 0; i < this.parameters.permissionsPerFile; i++)
      script.add(Event.permission, fileFd, mayRead);
    // sendfile: reads the file, then sends it.
    script.add(Event.permission, fileFd, mayRead);
    script.add(Event.send, connectionFd);
    if (passes) {
      const next = (this.cpu + 1) % this.cpus;
      script.add(Event.passFile, fileFd, next * channelsPerCpu + (this.#passed % channelsPerCpu));
      this.#passed++;
    }
    script.add(Event.close, fileFd);
  }

  #receive(): void {
    const { script, receivedFd } = this;
    script.add(Event.receiveFile, receivedFd, this.cpu * channelsPerCpu + (this.#received % channelsPerCpu));
    this.#received++;
    script.add(Event.permission, receivedFd, mayRead);
    script.add(Event.close, receivedFd);
  }
}

/** Builds the workload; `parameters` as parsed by `nginxParameters`. */
export function buildNginx(parameters: NginxParameters, context: BuildContext): Workload {
  const { cpus } = context;
  const perCpu = Math.floor(parameters.requests / cpus);
  const period = Math.max(1, Math.min(perCpu, parameters.distinctRequests));
  const rounds = Math.floor(perCpu / period);
  const rest = perCpu % period;
  // Which requests pass a file is the same on every CPU (see channelsPerCpu).
  const plan = new Random(`${context.seed}/nginx/plan`);
  const passes = Array.from({ length: period }, () => plan.chance(parameters.passShare));
  const scripts: Int32Array[] = [];
  let failedOpens = 0;
  for (let cpu = 0; cpu < cpus; cpu++) {
    const script = new ScriptBuilder();
    const worker = new Worker(parameters, context, cpu, script, "requests");
    worker.startUp();
    script.repeat(rounds, () => {
      for (let i = 0; i < period; i++) worker.request(passes[i] === true);
      worker.drain();
      worker.failedOpens *= rounds;
    });
    for (let i = 0; i < rest; i++) worker.request(passes[i] === true);
    worker.drain();
    // The one request more that some CPUs have passes no file: the others would not take it.
    if (shareOf(parameters.requests, cpus, cpu) > perCpu) worker.request(false);
    scripts.push(script.finish());
    failedOpens += worker.failedOpens;
  }
  const passesFiles = passes.includes(true);
  return makeWorkload({
    name: "nginx",
    scripts,
    population: {
      profiles: parameters.profiles,
      tasks: cpus,
      descriptorsPerTask: firstConnectionFd + parameters.connections + 2,
      threadsPerProcess: parameters.threadsPerProcess,
      channels: passesFiles ? cpus * channelsPerCpu : 0,
    },
    failedOpens,
    openAtCut: cpus * (firstConnectionFd + parameters.connections),
  });
}
