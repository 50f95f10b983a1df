/**
 * The nginx load: one worker per CPU that serves static files to kept-alive connections, the case in which a reference
 * count per open file stops a large machine from scaling.
 *
 * The shape of a request and its defaults were counted in configs/traces/nginx-static.strace (nginx 1.22, two workers, 1,563
 * requests on 8 kept-alive connections): per request that finds its file, recvfrom, openat, newfstatat, writev, sendfile,
 * write to the access log and close, once each (1,487 times); per request that does not (76, 4.9 %), recvfrom, the failed
 * openat, write to the error log, writev, write to the access log.
 */
import { Event, LoadFlags, PolicyMode } from "../kernel/events.ts";
import type { NginxParameters } from "./nginx-parameters.ts";
import { channelsPerCpu, fixedDescriptors, hatOf, Worker, workerDescriptors } from "./nginx-worker.ts";
import { policyEvents } from "./parameters.ts";
import { Random } from "./random.ts";
import { RequestPlan } from "./request-plan.ts";
import { ScriptBuilder } from "./script.ts";
import { type BuildContext, makeWorkload, type Workload } from "./workload.ts";

/** Builds the workload; `parameters` as parsed by `nginxParameters`. */
export function buildNginx(parameters: NginxParameters, context: BuildContext): Workload {
  const { cpus } = context;
  const plan = new RequestPlan(parameters, { cpus, stream: `${context.seed}/nginx/plan` });
  const hats = hatsOf(parameters, cpus);
  let setupRecords = 0;
  let failedOpens = 0;
  const scripts = Array.from({ length: cpus }, (_, cpu) => {
    const script = new ScriptBuilder();
    if (cpu === 0) setupRecords = loadHats(script, parameters, hats);
    const worker = new Worker(parameters, context, cpu, script, "requests");
    const replaces = cpu === 0 ? replacements(parameters, context, plan) : undefined;
    plan.write(worker, cpu, replaces === undefined ? {} : { before: (request) => replaces(script, request) });
    failedOpens += worker.failedOpens;
    return script.finish();
  });
  return makeWorkload({
    name: "nginx",
    scripts,
    setupRecords,
    population: {
      profiles: parameters.profiles,
      tasks: cpus,
      descriptorsPerTask: workerDescriptors(parameters),
      threadsPerProcess: parameters.threadsPerProcess,
      channels: plan.passesFiles ? cpus * channelsPerCpu : 0,
      ...(hats > 0 ? { namedProfiles: hats } : {}),
      ...(compounds(parameters, cpus) > 0
        ? { totalLabels: parameters.profiles + 1 + hats + compounds(parameters, cpus) }
        : {}),
    },
    failedOpens,
    openAtCut: cpus * fixedDescriptors(parameters),
  });
}

/** Workers whose profiles need a hat have the profiles from 1 on. */
function hatsOf({ hatShare, profiles, workerLabels }: NginxParameters, cpus: number): number {
  if (hatShare === 0) return 0;
  return workerLabels === "shared" ? 1 : Math.min(cpus, profiles);
}

/** Names and loads a hat for each worker's profile. Records written. */
function loadHats(script: ScriptBuilder, parameters: NginxParameters, hats: number): number {
  for (let profile = 1; profile <= hats; profile++) {
    const hat = hatOf(profile, parameters);
    // Profiles that boot loads have their index for a rank; these come behind them.
    script.add(Event.nameProfile, hat, 0, hat);
    script.add(Event.nameChild, hat, profile, 1);
    script.add(Event.loadProfile, hat, PolicyMode.enforce, 0);
  }
  return script.records;
}

/** Compound labels that can be alive at a time, roughly: what workers stack, and what files have of two workers. */
function compounds({ passShare, profiles, stackShare, workerLabels }: NginxParameters, cpus: number): number {
  const own = workerLabels === "own" ? Math.min(cpus, profiles) : 1;
  return (stackShare > 0 ? own * profiles : 0) + (passShare > 0 ? own * 2 : 0);
}

/** Writes the replacements that worker 0 makes before a request; undefined where it makes none. */
function replacements(
  { profiles, replacePerSecond, thinkUs }: NginxParameters,
  { seed }: BuildContext,
  plan: RequestPlan,
): ((script: ScriptBuilder, request: number) => void) | undefined {
  const count = policyEvents(replacePerSecond, plan.period, thinkUs);
  if (count === 0) return undefined;
  const random = new Random(`${seed}/nginx/policy`);
  const due = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const request = random.below(plan.period);
    due.set(request, (due.get(request) ?? 0) + 1);
  }
  return (script, request) => {
    for (let i = due.get(request) ?? 0; i > 0; i--) {
      const profile = 1 + random.below(profiles);
      script.add(Event.loadProfile, profile, PolicyMode.enforce, LoadFlags.replace);
    }
  };
}
