/**
 * What the second fuzz of the checker explores: actors that do the same on different CPUs, with memory and objects of their
 * own, and programs in which nearly everything waits for grace periods. They are larger than the naive search could judge, so
 * all distinct states judge them, found without any reduction and without the searches' own way to keep states.
 */
import { CheckMachine } from "../../src/engines/check/machine.ts";
import type { CheckActor, CheckCall, CheckProblem, MemoryModel } from "../../src/engines/check/types.ts";
import { linkProgram } from "../../src/link/link.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { opTable } from "../../src/machine/ops.ts";

/** A statement, or a block: what comes before it, its statements, what comes behind it. */
export type Line = string | readonly [string, readonly Line[], string];

export interface AreaProgram {
  readonly seed: string;
  /** What interchangeable actors do, and how many there are. */
  readonly member: readonly Line[];
  readonly copies: number;
  /** What each of the other actors does. */
  readonly others: readonly (readonly Line[])[];
  readonly boot: readonly Line[];
  /** What softirq actors do with a callback, and how many there are. */
  readonly callback: readonly Line[];
  readonly softirqs: number;
  /** What a maintenance actor does; without statements there is none. */
  readonly maintenance: readonly Line[];
  readonly leaks: boolean;
}

export const areaBase = 3072;
export const areaBytes = 64;
const memoryBytes = 4096;
const cells = { x: 1024, y: 1088, z: 1152, w: 1216 } as const;
const objects = { p: 2048, q: 2112 } as const;
/** Cells of every area that the outcome shows. */
const areaOffsets = [0, 4];

function print(lines: readonly Line[]): string {
  return lines
    .map((line) => (typeof line === "string" ? line : `${line[0]}\n${print(line[1])}\n${line[2]}`))
    .join("\n");
}

function entry(name: string, lines: readonly Line[]): string {
  const body = print(lines);
  const uses = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(body);
  return [
    `export function ${name}(cpu: i32): i32 {`,
    uses("own") ? "const own: ptr = ptr(cpuAreaBase + cpu * cpuAreaBytes);" : "",
    "let a: i32 = 0;",
    uses("b") ? "let b: i32 = 0;" : "",
    uses("c") ? "let c: i32 = 0;" : "",
    body,
    "return a;",
    "}",
  ].join("\n");
}

export function areaSource(program: AreaProgram): string {
  const functions = [
    entry("member", program.member),
    ...program.others.map((lines, index) => entry(`other${index}`, lines)),
    `export function boot(): void {\n${print(program.boot)}\n}`,
    "export function peek(address: ptr): i32 {\nreturn load(address);\n}",
    ...(program.maintenance.length === 0 ? [] : [entry("maintain", program.maintenance)]),
    `export function softirq(): void {\nwhile (true) {\nconst head: ptr = rcuTake();\nif (head === 0) return;\n${print(program.callback)}\n}\n}`,
  ];
  const body = functions.join("\n");
  const operations = opTable.map(({ name }) => name).filter((name) => body.includes(`${name}(`));
  const types = ["i32", "ptr"].map((name) => (body.includes(`${name}(`) ? name : `type ${name}`));
  return [
    `import { ${[...operations, ...types].join(", ")} } from "refplay/machine";`,
    ...Object.entries({ ...cells, ...objects }).map(([name, address]) => `const ${name}: ptr = ${address};`),
    `export const cpuAreaBase: i32 = ${areaBase};`,
    `export const cpuAreaBytes: i32 = ${areaBytes};`,
    `const area0: ptr = ${areaBase};`,
    body,
    "",
  ].join("\n");
}

export function linkAreas(program: AreaProgram): SteppedProgram {
  const spec = { module: "areas.ts", entries: "all", strategies: [], options: {} } as const;
  return buildStepped(linkProgram(spec, memoryHost({ "areas.ts": areaSource(program) })));
}

export function areaProblem(program: AreaProgram, model: MemoryModel): CheckProblem {
  const actors: CheckActor[] = [];
  const add = (entry: string, role: CheckActor["role"], more: Partial<CheckActor> = {}): void => {
    const cpu = actors.length;
    actors.push({ name: entry, role, cpu, entry, args: role === "softirq" ? [] : [cpu], ...more });
  };
  for (let copy = 0; copy < program.copies; copy++) add("member", "script", { group: "members" });
  for (const index of program.others.keys()) add(`other${index}`, "script");
  for (let index = 0; index < program.softirqs; index++) add("softirq", "softirq");
  if (program.maintenance.length > 0) add("maintain", "maintenance");
  const call = (entry: string, ...args: number[]): CheckCall => ({ entry, args, cpu: 0 });
  return {
    actors,
    model,
    cpus: actors.length,
    memoryBytes,
    boot: [call("boot")],
    finish: shownAddresses(program).map((address) => call("peek", address)),
    verdictOfMark: (event) => (event === 100 ? "assertion" : undefined),
    leaks: program.leaks,
  };
}

function shownAddresses({ copies }: AreaProgram): number[] {
  const areas = Array.from({ length: copies }, (_, cpu) => areaBase + cpu * areaBytes);
  return [...Object.values(cells), ...areas.flatMap((area) => areaOffsets.map((offset) => area + offset))];
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]),
  );
}

/** The least of the outcomes that an outcome becomes when interchangeable actors change places, areas and all. */
export function upToSwaps(program: AreaProgram, outcome: string): string {
  const { copies, others } = program;
  const values = outcome.split(",").map(Number);
  const shown = shownAddresses(program);
  const firstShown = copies + others.length;
  let least = "";
  for (const to of permutations(copies)) {
    const moved = (value: number): number => {
      const area = Math.floor((value - areaBase) / areaBytes);
      return area < 0 || area >= copies ? value : value + ((to[area] as number) - area) * areaBytes;
    };
    const renamed: number[] = [];
    values.forEach((value, index) => {
      let place = index;
      if (index < copies) place = to[index] as number;
      else if (index >= firstShown) {
        place = firstShown + shown.indexOf(moved(shown[index - firstShown] as number));
      }
      renamed[place] = moved(value);
    });
    const text = renamed.join(",");
    if (least === "" || text < least) least = text;
  }
  return least;
}

/** What there is to find. */
export interface Everything {
  readonly outcomes: ReadonlySet<string>;
  readonly verdicts: ReadonlySet<string>;
  readonly states: number;
}

/** All distinct states, the plain way; null where there are more than `limit`. */
export function everything(program: SteppedProgram, problem: CheckProblem, limit: number): Everything | null {
  const machine = new CheckMachine(program, problem);
  const { world } = machine;
  const outcomes = new Set<string>();
  const verdicts = new Set<string>();
  const known = new Set<string>();
  const pending: Int32Array[] = [];
  const room = new Int32Array(4096);
  const arrive = (): void => {
    const snapshot = machine.save();
    const slots = snapshot[1] as number;
    const key = snapshot.slice(2);
    // Cells that were not known when another path came here have not changed.
    let end = key.length;
    for (let slot = 0; slot < slots; slot++) {
      const at = key.length - slots + slot;
      key[at] = (key[at] as number) ^ (world.start[world.cells[slot] as number] as number);
    }
    while (end > key.length - slots && key[end - 1] === 0) end--;
    const text = `${snapshot[0]} ${key.subarray(0, end).join(" ")}`;
    if (known.has(text)) return;
    known.add(text);
    pending.push(snapshot);
  };
  machine.reset();
  arrive();
  for (let snapshot = pending.pop(); snapshot !== undefined; snapshot = pending.pop()) {
    if (known.size > limit) return null;
    machine.restore(snapshot);
    const count = machine.enabled(room);
    if (count === 0) {
      if (!machine.isOver()) verdicts.add("deadlock");
      else if (machine.conclude()) outcomes.add(machine.outcome);
      else verdicts.add(machine.breach?.verdict ?? "");
      continue;
    }
    const transitions = room.slice(0, count);
    for (const t of transitions) {
      machine.restore(snapshot);
      if (machine.perform(t)) arrive();
      else verdicts.add(machine.breach?.verdict ?? "");
    }
  }
  return { outcomes, verdicts, states: known.size };
}
