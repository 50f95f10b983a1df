/**
 * One CPU: a thread with an instance of the program on the shared memory. It does one command at a time and tells the main
 * thread what came of it; a trap is an answer too.
 */
import { parentPort, workerData } from "node:worker_threads";
import { instantiateWasm } from "../../link/wasm/instance.ts";
import { FaultReason } from "../../machine/ops.ts";
import { allTimed, someTimed } from "./batches.ts";
import { Control, WorkerState } from "./control.ts";
import { pinThread } from "./pin.ts";
import type {
  CallCommand,
  Command,
  CpuRun,
  MaintainCommand,
  Reply,
  RunCommand,
  WorkerSetup,
} from "./protocol.ts";
import { WindowWatch } from "./slow-windows.ts";
import { Stalls } from "./stalls.ts";

const setup = workerData as WorkerSetup;
const { cpu } = setup;
const port = parentPort;
if (port === null) throw new Error("this file runs as a worker thread only");

const control = new Control(setup.control, setup.cpus, setup.barrierSpins);
const ignore = (): void => undefined;
const stalls = setup.stalls === null ? null : new Stalls(setup.stalls, cpu);
const instance = instantiateWasm(setup.module, {
  ...setup,
  mark: ignore,
  allocated: ignore,
  freed: ignore,
  ...(stalls === null ? {} : { stall: () => stalls.inside() }),
});

/** How long a CPU whose time is over sleeps at least before it looks whether others wait for its script. */
const leastParkMs = 1;
/** And at most: a batch may have been long because it waited for another CPU that was parked. */
const mostParkMs = 100;
/** Longest sleep without a sign of life; well below any time-out for workers that hang. */
const longestPauseMs = 500;

function nowNs(): number {
  return Number(process.hrtime.bigint());
}

function call(command: CallCommand): Reply {
  const entry = instance.entry(command.entry);
  const values: (number | undefined)[] = [];
  if (command.parties > 1) control.meet(cpu, command.parties);
  const start = process.hrtime.bigint();
  values.push(entry(...command.args));
  for (const args of command.more) values.push(entry(...args));
  const ns = Number(process.hrtime.bigint() - start);
  return { kind: "call", result: { value: values.at(-1), values, ns } };
}

/**
 * Runs the script in batches. For a fixed time, a CPU whose time is over parks; as long as another one is still inside a
 * batch, that one may be waiting for this CPU's script, so it goes on batch by batch until all are parked. It stays parked as long
 * as its last batch took: a CPU with shorter ones parks meanwhile. Were it ready again at once, two with long batches would
 * hardly ever be parked at the same moment.
 */
function runScript(command: RunCommand): Reply {
  const run = instance.entry("run");
  const { batchRecords, rounds, sampleEvery, timeMs } = command;
  let left = command.records ?? Number.POSITIVE_INFINITY;
  const execute = (records: number): boolean => {
    const now = Math.min(records, left);
    left -= now;
    // 0 would be everything.
    return now > 0 && run(cpu, now) === 1 && left > 0;
  };
  const batches =
    rounds === null ? someTimed(() => execute(batchRecords), sampleEvery) : allTimed(execute, rounds);
  // Batches that are timed by their place in a round are not alike.
  const watch =
    setup.slowWindows === null || rounds !== null
      ? null
      : new WindowWatch(setup.memory.buffer, setup.slowWindows);
  let done = 0;
  let more = true;
  const batch = (timed: boolean): void => {
    more = batches.next(timed);
    done++;
    control.beat(cpu);
    stalls?.between();
  };
  control.meet(cpu, command.parties);
  const startNs = nowNs();
  let endNs = startNs;
  const deadline = timeMs === null ? Number.POSITIVE_INFINITY : startNs + timeMs * 1e6;

  watch?.begin(startNs);
  const looksAtTime = watch !== null || timeMs !== null;
  while (more) {
    batch(true);
    if (!looksAtTime) continue;
    const now = nowNs();
    // The last batch of a script is shorter than the others.
    if (more) watch?.batch(now);
    if (now >= deadline) break;
  }
  endNs = nowNs();
  if (timeMs !== null) {
    let over = control.park();
    let batchNs = 0;
    while (!over) {
      over = parkedFor(Math.min(mostParkMs, Math.max(leastParkMs, batchNs / 1e6)));
      if (over || !more) continue;
      if (!control.unpark()) break;
      const begunNs = nowNs();
      batch(false);
      endNs = nowNs();
      batchNs = endNs - begunNs;
      over = control.park();
    }
  }
  const result: CpuRun = {
    startNs,
    endNs,
    batches: done,
    finished: !more,
    sampleNs: batches.samples.take(),
    slowestSampleNs: batches.samples.slowest,
    rounds: batches.rounds(),
    windows: watch?.take() ?? null,
  };
  return { kind: "run", result };
}

/** Sleeps about `ms` while not all CPUs are parked; whether they are. */
function parkedFor(ms: number): boolean {
  const untilNs = nowNs() + ms * 1e6;
  for (let left = ms; left > 0 && !control.allParked(); left = (untilNs - nowNs()) / 1e6) {
    control.pauseParked(Math.min(left, longestPauseMs));
    control.beat(cpu);
  }
  return control.allParked();
}

function maintain(command: MaintainCommand): Reply {
  const entry = instance.entry("maintain");
  let rounds = 0;
  control.meet(cpu, command.parties);
  const { intervalMs, pauseMs, pausesMs } = command;
  /** A long pause is no hang: signs of life in between. */
  const stopped = (ms: number): boolean => {
    let left = ms;
    for (; left > longestPauseMs; left -= longestPauseMs) {
      if (control.pauseUntilStop(longestPauseMs)) return true;
      control.beat(cpu);
    }
    return control.pauseUntilStop(left);
  };
  for (let pause = pausesMs[0] ?? intervalMs; !stopped(pause); rounds++) {
    control.beat(cpu);
    const idle = entry(cpu) === 0;
    const usual = idle && intervalMs === 0 ? pauseMs : intervalMs;
    pause = pausesMs[(rounds + 1) % pausesMs.length] ?? usual;
  }
  return { kind: "maintain", rounds };
}

function perform(command: Command): Reply {
  try {
    if (command.kind === "call") return call(command);
    return command.kind === "run" ? runScript(command) : maintain(command);
  } catch (error) {
    const fault = instance.faultOf(error);
    // Anything but a trap is a defect of ours: let the worker die of it, with its stack trace.
    if (fault === null) throw error;
    const { message, stack } = error as Error;
    const entry = command.kind === "call" ? command.entry : command.kind;
    return { kind: "trap", entry, reason: `${FaultReason[fault]} (${message})`, stack: stack ?? "" };
  }
}

port.on("message", (command: Command) => {
  control.setState(cpu, WorkerState.running);
  const reply = perform(command);
  control.setState(cpu, WorkerState.idle);
  port.postMessage(reply);
});

const pinning = setup.pin ? await pinThread(cpu) : { processor: null, note: null };
port.postMessage({ kind: "ready", pinned: pinning.processor, note: pinning.note } satisfies Reply);
