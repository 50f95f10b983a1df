/** Runs one round's machines from boot to the last audit. */
import { settle, type Threads, withThreads } from "../../src/engines/threads/index.ts";
import { RefplayError } from "../../src/errors.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { instantiateWasm } from "../../src/link/wasm/instance.ts";
import { auditCounters } from "../../src/runner/audited.ts";
import type { History } from "./history.ts";
import type { RoundPlan } from "./plan.ts";
import type { TortureProgram } from "./program.ts";

export type Counters = Readonly<Record<string, number>>;

/** What one life of a machine was audited to. */
export interface Audits {
  readonly atEnd: Counters;
  readonly atRest: Counters | null;
  readonly atTeardown: Counters;
}

export interface MachineRun {
  /** Of the last life; null where it did not come to its end. */
  readonly audits: Audits | null;
  /** Why it did not, and what it had done wrong by then. */
  readonly death: RefplayError | null;
  readonly atDeath: Counters;
  /** Lives, the last one among them, and their milliseconds from boot to the last audit. */
  readonly lives: number;
  readonly ms: number;
}

/** How long a machine goes on: it is not begun anew after either. */
export interface LifeLimits {
  readonly lives: number;
  readonly ms: number;
}

const memoryBytes = 640 << 20;
/** A CPU may wait for one that is far behind; a hang of the machine's own is no shorter for it. */
const hangTimeoutMs = 120_000;
/** Records of a set-up in one call, which shows no sign of life before it ends. */
const setupBatch = 512;

/**
 * Machine after machine with the same scripts and the same threads, which is cheaper than new ones; the processors make another order of
 * them each time. Ends with the first that is not well.
 * @throws RefplayError `interrupted`
 */
export function runMachine(
  program: TortureProgram,
  plan: RoundPlan,
  history: History,
  limits: LifeLimits,
  isWell: (audits: Audits) => boolean,
  signal?: AbortSignal,
): Promise<MachineRun> {
  const options = {
    wasm: program.module,
    cpus: plan.cpus,
    memoryBytes,
    constants: program.constants,
    scripts: history.workload.scripts,
    maintenance: program.needsMaintenance,
    stalls: plan.stalls,
    hangTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  };
  return withThreads(options, async (threads) => {
    let ms = 0;
    for (let lives = 1; ; lives++) {
      const started = performance.now();
      try {
        const audits = await live(threads, plan, history);
        ms += performance.now() - started;
        if (lives >= limits.lives || ms >= limits.ms || !isWell(audits)) {
          return { audits, death: null, atDeath: {}, lives, ms };
        }
        threads.reset();
      } catch (error) {
        if (!(error instanceof RefplayError) || !deaths.includes(error.code)) throw error;
        ms += performance.now() - started;
        return { audits: null, death: error, atDeath: auditOfDead(threads, program), lives, ms };
      }
    }
  });
}

/** Errors that a machine ends with by its own fault. */
const deaths = ["worker-died", "worker-hung"];

/** One life: boot, set-up, the busy part, rest where the plan has one, tear-down; audited after each. */
async function live(threads: Threads, plan: RoundPlan, history: History): Promise<Audits> {
  await threads.callOne(0, "boot", bootArguments(history.workload.population));
  await everybody(threads, "bootCpu");
  for (let left = history.setupRecords; left > 0; left -= setupBatch) {
    await threads.callOne(0, "run", [0, Math.min(left, setupBatch)]);
  }
  await everybody(threads, "drain");
  await scripts(threads, plan, history.busyRecords);
  await everybody(threads, "drain");
  const atEnd = await audit(threads);
  let atRest: Counters | null = null;
  if (plan.rests) {
    await scripts(threads, plan);
    await settled(threads);
    atRest = await audit(threads);
  }
  await everybody(threads, "teardown");
  await everybody(threads, "drain");
  await threads.callOne(0, "dismantle");
  await settled(threads);
  return { atEnd, atRest, atTeardown: await audit(threads) };
}

function scripts(threads: Threads, plan: RoundPlan, records?: readonly number[]): Promise<unknown> {
  return threads.run({
    batchRecords: plan.batchRecords,
    timeMs: null,
    sampleEvery: 0,
    maintenancePausesMs: plan.maintenancePausesMs,
    ...(records === undefined ? {} : { records }),
  });
}

/** Callbacks and maintenance until neither has anything to do. */
async function settled(threads: Threads): Promise<void> {
  await everybody(threads, "drain");
  await settle(threads);
  await everybody(threads, "drain");
}

/** Calls an entry on all CPUs at once, maintenance included. */
async function everybody(threads: Threads, entry: string): Promise<void> {
  await threads.callAll(entry, (cpu) => [cpu], "workers");
}

async function audit(threads: Threads): Promise<Counters> {
  const names = Object.keys(auditCounters);
  const { values } = await threads.callMany(
    0,
    "audit",
    Object.values(auditCounters).map((counter) => [counter]),
  );
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? 0]));
}

/** The counters of a machine that can answer no more: they are read with an instance of the program on this thread. */
function auditOfDead(threads: Threads, program: TortureProgram): Counters {
  const instance = instantiateWasm(program.module, {
    memory: threads.memory,
    cpu: 0,
    fenceAddress: memoryBytes,
    scriptBase: 0,
    spinsPerUs: 1,
  });
  const ask = instance.entry("audit");
  // Others walk what may be broken.
  const wrongs = Object.entries(auditCounters).filter(([name]) => /^(violation|warning|script):/.test(name));
  return Object.fromEntries(wrongs.map(([name, counter]) => [name, ask(counter) ?? 0]));
}
