/** Programs of procfs on the reference engine, in direct mode or under random schedules. */
import { type ActorSpec, ReferenceEngine } from "../../../src/engines/reference/index.ts";
import { Mark, Verdict } from "../../../src/kernel/core/marks.ts";
import { linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../../src/link/stepped/index.ts";
import { kebab } from "../../../src/names.ts";

const host = nodeHost(packageRoot);
const linked = new Map<string, SteppedProgram>();

/** A source of this project linked without any strategy; the same arguments give the same program. */
export function procProgram(
  source: string,
  options: Readonly<Record<string, number>> = {},
  callbacks = "src/kernel/procfs/callbacks.ts",
): SteppedProgram {
  const key = JSON.stringify([source, options, callbacks]);
  const known = linked.get(key);
  if (known !== undefined) return known;
  const path = (file: string): string => {
    const found = host.resolve(`refplay/source/${file}`, "");
    if (found === undefined) throw new Error(file);
    return found;
  };
  const program = buildStepped(
    linkProgram(
      {
        module: path(source),
        callbacks: path(callbacks),
        entries: "all",
        strategies: [],
        options: { percpuBytes: 64, quarantine: 8, ...options },
      },
      host,
    ),
  );
  linked.set(key, program);
  return program;
}

type Call = readonly [entry: string, ...args: number[]];

/** What a run under one schedule came to. */
export interface ProcRun {
  /** What the actors returned. */
  readonly returned: readonly number[];
  /** What the calls behind them returned. */
  readonly after: readonly number[];
  /** Verdicts of the engine, those that marks told of included. */
  readonly verdicts: readonly string[];
  /** The machine's memory at the end, cells of 4 bytes. */
  readonly memory: Int32Array;
}

/** `before` one by one on CPU 0; actors, one CPU each, under one schedule, with RCU callbacks on a CPU of their own; `after` one by one. */
export function procRun(
  program: SteppedProgram,
  seed: number,
  before: readonly Call[],
  actors: readonly Call[],
  after: readonly Call[],
  scripts: readonly Int32Array[] = [],
): ProcRun {
  const softirqCpu = actors.length;
  const engine = new ReferenceEngine(program, {
    seed,
    cpus: actors.length + 1,
    memoryBytes: 4 * 2 ** 20,
    scripts,
    stepLimit: 4_000_000,
    record: false,
    verdictOfMark: (event) =>
      event > Mark.violation ? (kebab(Verdict[event - Mark.violation] ?? "") as never) : undefined,
  });
  const hasCallbacks = program.entries.has("softirq");
  const softirq: ActorSpec[] = hasCallbacks
    ? [{ cpu: softirqCpu, entry: "softirq", args: [softirqCpu], role: "softirq" }]
    : [];
  const one = ([entry, ...args]: Call): number => {
    engine.run([{ cpu: 0, entry, args, role: "script" }, ...softirq]);
    return engine.returnedBy(0);
  };
  for (const call of before) one(call);
  engine.run([
    ...actors.map(
      ([entry, ...args], cpu): ActorSpec => ({ cpu, entry, args: [cpu, ...args], role: "script" }),
    ),
    ...softirq,
  ]);
  const returned = actors.map((_, actor) => engine.returnedBy(actor));
  const results = after.map(one);
  const verdicts = engine.finish().violations.map(({ verdict }) => verdict);
  return { returned, after: results, verdicts, memory: engine.memory };
}
