/**
 * Small programs of a few lines per actor, linked from memory and made into a problem for the checker. Litmus tests, the
 * differential fuzz and the explorers' own tests are written with it.
 */
import type { CheckActor, CheckCall, CheckProblem, MemoryModel } from "../../src/engines/check/types.ts";
import { linkProgram } from "../../src/link/link.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { opTable } from "../../src/machine/ops.ts";

/** Cells that every text may name, each on a line of its own. */
export const litmusCells = { x: 1024, y: 1088, z: 1152, w: 1216 } as const;
/** Objects that every text may name: 64 bytes, each of which begins with a `RcuHead`. */
export const litmusObjects = { p: 2048, q: 2112 } as const;
/** The CPUs' areas: every actor may name the beginning of its own as `own`, and of CPU 0's as `area0`. */
const cpuAreas = { base: 3072, bytes: 64 } as const;
const memoryBytes = 4096;

/** What an actor runs: the statements of a function that returns an `i32`, 0 where they do not say what. */
export interface LitmusProgram {
  /** One text per script actor. */
  readonly actors: readonly string[];
  /** What a softirq actor does with each callback it takes; `head` is the callback's `RcuHead`. None unless given. */
  readonly callback?: string;
  /** Softirq actors that take callbacks, if there are any; 1 unless given. */
  readonly softirqs?: number;
  /** What a maintenance actor does, and how often. None unless given. */
  readonly maintenance?: { readonly text: string; readonly rounds: number };
  /** Runs before the actors start. */
  readonly boot?: string;
  /** Run after all actors are done, one after the other. */
  readonly finish?: readonly string[];
  /** By script actor: actors of one name do the same, what the first one's text says. None unless given. */
  readonly groups?: readonly (string | undefined)[];
  /** Whether objects that are alive at the very end are leaks; true unless given. */
  readonly leaks?: boolean;
}

/** The whole source text, with everything that the actors' texts may name. */
export function litmusSource(litmus: LitmusProgram): string {
  const named = Object.entries({ ...litmusCells, ...litmusObjects });
  const functions = [
    ...litmus.actors.flatMap((text, index) =>
      entryOf(litmus, index) === index ? [actorFunction(`actor${index}`, text)] : [],
    ),
    ...(litmus.finish ?? []).map((text, index) => valueFunction(`finish${index}()`, text)),
    ...(litmus.boot === undefined ? [] : [`export function boot(): void {\n${litmus.boot}\n}`]),
    ...(litmus.maintenance === undefined ? [] : [actorFunction("maintain", litmus.maintenance.text)]),
    ...(litmus.callback === undefined ? [] : [softirqFunction(litmus.callback)]),
  ];
  const body = functions.join("\n");
  const operations = opTable.map((entry) => entry.name).filter((name) => body.includes(`${name}(`));
  const types = ["i32", "ptr"].map((name) => (body.includes(`${name}(`) ? name : `type ${name}`));
  return [
    `import { ${[...operations, ...types].join(", ")} } from "refplay/machine";`,
    ...named.map(([name, address]) => `const ${name}: ptr = ${address};`),
    `export const cpuAreaBase: i32 = ${cpuAreas.base};`,
    `export const cpuAreaBytes: i32 = ${cpuAreas.bytes};`,
    `const area0: ptr = ${cpuAreas.base};`,
    body,
    "",
  ].join("\n");
}

/** The script actor whose function an actor runs: the first of its group, or itself. */
function entryOf(litmus: LitmusProgram, index: number): number {
  const group = litmus.groups?.[index];
  return group === undefined ? index : (litmus.groups?.indexOf(group) ?? index);
}

function actorFunction(name: string, text: string): string {
  const own = /\bown\b/.test(text) ? "const own: ptr = ptr(cpuAreaBase + cpu * cpuAreaBytes);\n" : "";
  return valueFunction(`${name}(cpu: i32)`, `${own}${text}`);
}

function valueFunction(name: string, text: string): string {
  const end = /\breturn [^;]*;\s*$/.test(text) ? "" : "\nreturn 0;";
  return `export function ${name}: i32 {\n${text}${end}\n}`;
}

function softirqFunction(text: string): string {
  return `export function softirq(): void {\nwhile (true) {\nconst head: ptr = rcuTake();\nif (head === 0) return;\n${text}\n}\n}`;
}

/** Links it for the stepped engines. */
export function linkLitmus(litmus: LitmusProgram): SteppedProgram {
  const spec = { module: "litmus.ts", entries: "all", strategies: [], options: {} } as const;
  return buildStepped(linkProgram(spec, memoryHost({ "litmus.ts": litmusSource(litmus) })));
}

/** Its actors: scripts in order, then the softirq actor and the maintenance actor if it has them. */
export function litmusProblem(litmus: LitmusProgram, model: MemoryModel): CheckProblem {
  const actors = litmus.actors.map((_, index): CheckActor => {
    const group = litmus.groups?.[index];
    const entry = `actor${entryOf(litmus, index)}`;
    const script = { ...actor(entry, "script", index), name: `actor ${index}` };
    return { ...script, ...(group === undefined ? {} : { group }) };
  });
  const softirqs = litmus.callback === undefined ? 0 : (litmus.softirqs ?? 1);
  for (let index = 0; index < softirqs; index++) actors.push(actor("softirq", "softirq", actors.length));
  if (litmus.maintenance !== undefined) {
    const { rounds } = litmus.maintenance;
    actors.push({ ...actor("maintain", "maintenance", actors.length), rounds });
  }
  const call = (entry: string): CheckCall => ({ entry, args: [], cpu: 0 });
  return {
    actors,
    model,
    cpus: actors.length,
    memoryBytes,
    boot: litmus.boot === undefined ? [] : [call("boot")],
    finish: (litmus.finish ?? []).map((_, index) => call(`finish${index}`)),
    ...(litmus.leaks === undefined ? {} : { leaks: litmus.leaks }),
  };
}

function actor(entry: string, role: CheckActor["role"], cpu: number): CheckActor {
  return { name: entry, role, cpu, entry, args: role === "softirq" ? [] : [cpu] };
}
