/**
 * The churn load: labels are created, merged, replaced and dropped at given rates while others serve requests as nginx does and look
 * labels up. The last CPU changes policy; where there is only one, it does so between its requests.
 */
import { Event, StallIn } from "../kernel/events.ts";
import { labelPopulation } from "../policy/population.ts";
import type { ChurnParameters } from "./churn-parameters.ts";
import { type NginxParameters, nginxParameters } from "./nginx-parameters.ts";
import { channelsPerCpu, fixedDescriptors, Worker, workerDescriptors } from "./nginx-worker.ts";
import { shareOf, workerProfile } from "./parameters.ts";
import { PolicyChurn } from "./policy-churn.ts";
import { populationSetup, type SetUpPopulation } from "./policy-script.ts";
import { Random } from "./random.ts";
import { type RequestExtras, RequestPlan } from "./request-plan.ts";
import { ScriptBuilder } from "./script.ts";
import { type BuildContext, makeWorkload, type Workload } from "./workload.ts";

/** Builds the workload; `parameters` as parsed by `churnParameters`. */
export function buildChurn(parameters: ChurnParameters, { cpus, seed }: BuildContext): Workload {
  const { children, compoundShare, labels, lookUpsPerRequest, namespaces, parseShare } = parameters;
  const population = labelPopulation(`${seed}/churn`, labels, { children, compoundShare, namespaces });
  const serving = Math.max(1, cpus - 1);
  const nginx = servedLike(parameters, population.profiles.length);
  const plan = new RequestPlan(nginx, { cpus: serving, stream: `${seed}/churn/plan` });
  const first = new ScriptBuilder();
  const hasCompounds = population.texts.length > population.profiles.length;
  const looksUp = lookUpsPerRequest > 0 || parseShare > 0;
  const setUp = populationSetup(first, population, {
    // Look-ups need kept labels. Who looks nothing up has none: they would stay until the end however often they are replaced.
    keep: hasCompounds || !looksUp ? "compounds" : "all",
    moreSlots: parameters.keptCompounds,
  });
  const churn = new PolicyChurn(parameters, setUp, {
    profiles: population.profiles.length,
    requests: shareOf(parameters.requests, serving, 0),
    random: new Random(`${seed}/churn/policy`),
  });
  let failedOpens = 0;
  const scripts: Int32Array[] = [];
  for (let cpu = 0; cpu < serving; cpu++) {
    const script = cpu === 0 ? first : new ScriptBuilder();
    const worker = new Worker(nginx, { cpus: serving, seed: `${seed}/churn` }, cpu, script, "requests");
    const lookUps = new LookUps(parameters, setUp, script, new Random(`${seed}/churn/look-ups/${cpu}`));
    const extras: RequestExtras = { within: () => lookUps.write() };
    const changes = cpus === 1 ? changesBetween(churn, plan, nginx, script) : undefined;
    const stalls = new Stalls(parameters, worker, nginx, new Random(`${seed}/churn/stalls/${cpu}`));
    const before = (request: number): void => {
      changes?.(request);
      stalls.write(request);
    };
    plan.write(worker, cpu, { ...extras, before });
    failedOpens += worker.failedOpens;
    scripts.push(script.finish());
  }
  if (cpus > 1) scripts.push(policyScript(churn, cpus - 1));
  return makeWorkload({
    name: "churn",
    scripts,
    setupRecords: setUp.records,
    population: {
      ...setUp.population,
      totalLabels: totalLabels(parameters, setUp, serving),
      tasks: cpus,
      descriptorsPerTask: workerDescriptors(nginx),
      threadsPerProcess: 1,
      channels: plan.passesFiles ? serving * channelsPerCpu : 0,
    },
    failedOpens,
    openAtCut: serving * fixedDescriptors(nginx),
  });
}

/** The workers' part as parameters of the nginx load. */
function servedLike(parameters: ChurnParameters, profiles: number): NginxParameters {
  const { changeProfileShare, distinctRequests, passShare, requests, stackShare } = parameters;
  const { thinkDistribution, thinkUs, workerLabels } = parameters;
  return nginxParameters.parse({
    requests,
    distinctRequests,
    thinkUs,
    thinkDistribution,
    profiles,
    workerLabels,
    changeProfileShare,
    stackShare,
    passShare,
  });
}

/**
 * Labels alive at a time, at most: the population, old versions of it that kept compounds hold, what the last CPU keeps, and
 * what requests make of two labels.
 */
function totalLabels(parameters: ChurnParameters, setUp: SetUpPopulation, serving: number): number {
  const { keptCompounds, stackShare } = parameters;
  const made = (setUp.population.totalLabels ?? 0) + keptCompounds;
  return 2 * made + (stackShare > 0 ? 4 * serving : 0);
}

/** The script of the CPU that only changes policy. */
function policyScript(churn: PolicyChurn, task: number): Int32Array {
  const script = new ScriptBuilder();
  script.add(Event.switchTask, task);
  script.repeat(churn.rounds, () => {
    for (const change of churn.period) {
      churn.pause(script);
      churn.write(script, change);
    }
    churn.drain(script);
  });
  return script.finish();
}

/** Changes of one CPU that also serves: spread evenly over the period, without pauses of their own. */
function changesBetween(
  churn: PolicyChurn,
  plan: RequestPlan,
  nginx: NginxParameters,
  script: ScriptBuilder,
): (request: number) => void {
  const all = churn.period.length * churn.rounds;
  const inPeriod = all === 0 ? 0 : Math.max(1, Math.round(all / Math.max(1, plan.rounds)));
  const own = workerProfile(nginx.workerLabels, 0, nginx.profiles);
  return (request) => {
    const from = Math.floor((request * inPeriod) / plan.period);
    const to = Math.floor(((request + 1) * inPeriod) / plan.period);
    for (let number = from; number < to; number++) {
      const change = churn.period[number % churn.period.length];
      if (change !== undefined) churn.write(script, change, own);
    }
    // The period may be repeated.
    if (request === plan.period - 1) churn.drain(script);
  };
}

/** The timer's tick, with which a kernel runs a CPU's RCU callbacks even if a task computes on and on. */
const tickNs = 1_000_000;

/**
 * Time outside the kernel. In one piece the creds that the worker left before would keep their labels for as long: a CPU's
 * callbacks run between its records.
 */
function compute(script: ScriptBuilder, ns: number): void {
  const ticks = Math.floor(ns / tickNs);
  script.repeat(ticks, () => script.add(Event.think, tickNs));
  if (ns > ticks * tickNs) script.add(Event.think, ns - ticks * tickNs);
}

/** A worker's stalls before every so many requests; numbered within the period, which may be repeated. */
class Stalls {
  readonly #parameters: ChurnParameters;
  readonly #worker: Worker;
  readonly #profiles: number;
  readonly #random: Random;

  constructor(
    parameters: ChurnParameters,
    worker: Worker,
    { profiles }: Pick<NginxParameters, "profiles">,
    random: Random,
  ) {
    this.#parameters = parameters;
    this.#worker = worker;
    this.#profiles = profiles;
    this.#random = random;
  }

  write(request: number): void {
    const { stallEvery, stallIn, stallMs, visitShare } = this.#parameters;
    if (stallEvery === 0 || (request + 1) % stallEvery !== 0) return;
    if (this.#random.chance(visitShare)) this.#visit();
    const { script } = this.#worker;
    const ns = Math.round(stallMs * 1e6);
    if (stallIn === "user") compute(script, ns);
    else script.add(Event.stall, ns, StallIn[stallIn]);
  }

  /** Leaves the worker with nothing of the other label's but what the strategy keeps. */
  #visit(): void {
    const { fileFd, profile, script } = this.#worker;
    script.add(Event.changeProfile, 1 + this.#random.below(this.#profiles));
    script.add(Event.open, fileFd);
    script.add(Event.close, fileFd);
    script.add(Event.changeProfile, profile);
  }
}

/** Look-ups of the labels that are kept from the start, drawn alike. */
class LookUps {
  readonly #parameters: ChurnParameters;
  readonly #setUp: SetUpPopulation;
  readonly #script: ScriptBuilder;
  readonly #random: Random;

  constructor(parameters: ChurnParameters, setUp: SetUpPopulation, script: ScriptBuilder, random: Random) {
    this.#parameters = parameters;
    this.#setUp = setUp;
    this.#script = script;
    this.#random = random;
  }

  /** What a request looks up. */
  write(): void {
    const { lookUpsPerRequest, parseShare } = this.#parameters;
    const slot = (): number => this.#random.below(this.#setUp.keptLabels);
    for (let i = 0; i < lookUpsPerRequest; i++) this.#script.add(Event.lookUpLabel, slot());
    if (this.#random.chance(parseShare)) this.#script.add(Event.parseLabel, slot());
  }
}
