/** One worker of the nginx load: its start-up, its requests, and the files that it passes on. */
import { Event } from "../kernel/events.ts";
import type { NginxParameters } from "./nginx-parameters.ts";
import { thinkTimeNs, workerProfile } from "./parameters.ts";
import { Random } from "./random.ts";
import { mayRead, mayWrite, type ScriptBuilder } from "./script.ts";
import type { BuildContext } from "./workload.ts";

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
export const channelsPerCpu = 4;
const receiveLag = 2;

/** Descriptors that a worker has open from its start-up on. */
export function fixedDescriptors({ connections }: NginxParameters): number {
  return firstConnectionFd + connections;
}

/** Descriptors that a worker can have: a file and one received beside those. */
export function workerDescriptors(parameters: NginxParameters): number {
  return fixedDescriptors(parameters) + 2;
}

/** The hat of a worker's profile; hats are numbered behind the profiles that `boot` loads. */
export function hatOf(profile: number, parameters: NginxParameters): number {
  return parameters.profiles + profile;
}

/** Draws one worker's requests and writes their records. */
export class Worker {
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
    context: Pick<BuildContext, "cpus" | "seed">,
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

  /**
   * One request. `passes`: its first file goes to the next worker as well; all CPUs agree on which requests do. `more` adds
   * what else happens before it is finished.
   */
  request(passes: boolean, more?: () => void): void {
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
    if (changes) this.#changeProfile();
    // Only those who ask for hats draw for them: scripts without stay as they are.
    const hat = !changes && parameters.hatShare > 0 && random.chance(parameters.hatShare);
    if (hat) script.add(Event.changeHat, hatOf(this.profile, parameters));
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
    if (hat) script.add(Event.changeHat, 0);
    if (passes && this.#passed > receiveLag) this.#receive();
    more?.();
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

  #changeProfile(): void {
    const { script, parameters, random } = this;
    const profile = 1 + random.below(parameters.profiles);
    const stacks = parameters.stackShare > 0 && random.chance(parameters.stackShare);
    const alone = parameters.changeBy === "exec" ? Event.exec : Event.changeProfile;
    script.add(stacks ? Event.stackProfile : alone, profile);
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
