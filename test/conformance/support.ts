/** What the conformance suite and the lifetime tests share: strategies to test, and the label stage linked with one. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createDirect, type Direct } from "../../src/engines/reference/index.ts";
import { RefplayError } from "../../src/errors.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Mark, Verdict } from "../../src/kernel/core/marks.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { linkProgram, type PartChoices } from "../../src/link/link.ts";
import { describeUse, type StrategyDescription } from "../../src/link/meta.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";

const host = nodeHost(packageRoot);

export interface TestedStrategy {
  readonly name: string;
  readonly path: string;
  /** Strategies for its parts, where they are not the declared defaults. */
  readonly parts?: PartChoices;
  readonly meta: StrategyDescription;
}

/** A mistake in a strategy's source with its place and hint in the message, where a test runner shows nothing else. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RefplayError ? new Error(error.format()) : error;
  }
}

/** A strategy by its file. */
export function strategyAt(path: string): TestedStrategy {
  return { name: basename(path, ".ts"), path, meta: told(() => describeUse({ path }, host)) };
}

/** A strategy for a part, with options that differ from the declared defaults. */
type ChosenPart = TestedStrategy & { readonly options?: Readonly<Record<string, number>> };

/** A strategy that is made of others, by what its parts are; the rest have their defaults. */
export function withParts(
  { name, path }: TestedStrategy,
  chosen: Readonly<Record<string, ChosenPart>>,
): TestedStrategy {
  const parts = Object.fromEntries(
    Object.entries(chosen).map(([part, { path: its, options = {} }]) => [part, { path: its, options }]),
  );
  const shown = Object.entries(chosen).map(([part, strategy]) => `${part} ${strategy.name}`);
  const meta = told(() => describeUse({ path, parts }, host));
  return { name: `${name} (${shown.join(", ")})`, path, parts, meta };
}

/** A built-in strategy by name; `broken/...` for the deliberate bugs. */
export function builtin(name: string): TestedStrategy {
  return strategyAt(join(packageRoot, "strategies", `${name}.ts`));
}

function strategiesIn(folder: string): TestedStrategy[] {
  const path = join(packageRoot, "strategies", folder);
  const files = readdirSync(path).filter((file) => file.endsWith(".ts"));
  return files.sort().map((file) => strategyAt(join(path, file)));
}

/** The README's example as its reader would save it: a file of its own, outside the project. */
function readmeExample(): TestedStrategy {
  const readme = readFileSync(join(packageRoot, "README.md"), "utf8");
  const [, name, text] = /<!-- example: (\S+) -->\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  if (name === undefined || text === undefined) throw new Error("the README has no example");
  const path = join(mkdtempSync(join(tmpdir(), "refplay-readme-")), name);
  writeFileSync(path, text);
  return strategyAt(path);
}

/**
 * The strategies to test: those of strategies/ and the README's example, or the one file that REFPLAY_STRATEGY names
 * (relative to the working directory), so that a strategy of one's own passes without touching any other file.
 */
export function testedStrategies(): readonly TestedStrategy[] {
  const own = process.env.REFPLAY_STRATEGY;
  return own === undefined || own === ""
    ? [...strategiesIn("."), readmeExample()]
    : [strategyAt(resolve(own))];
}

/** Options with which percpu-dynamic counts every label per CPU that is got once in a period. */
const soonHot = { sampleEvery: 1, switchPerSecond: 0, coolPerSecond: 1, intervalMs: 1 };

/**
 * What parts are put together of, by turns: one strategy for all; one that keeps lists of holders; one that knows tasks; those whose
 * labels change modes, one of them twice with different options.
 */
const mixtures: readonly (readonly (readonly [string, Readonly<Record<string, number>>?])[])[] = [
  [["kref"]],
  [["hazard-pointer"], ["kref"], ["percpu-ref"], ["rcuref"]],
  [["cred-local"], ["percpu-ref"], ["kref"]],
  [["rcuref"], ["hazard-pointer"]],
  [
    ["percpu-dynamic", soonHot],
    ["percpu-dynamic", { ...soonHot, hottestLabels: 1 }],
    ["percpu-managed", { scanIntervalMs: 3 }],
  ],
];

/** The tested strategies that are made of others, made of quite different ones than by default. */
export function mixedStrategies(): readonly TestedStrategy[] {
  return testedStrategies().flatMap((strategy) => {
    const names = Object.keys(strategy.meta.parts ?? {});
    if (names.length === 0) return [];
    return mixtures.map((mixture) =>
      withParts(
        strategy,
        Object.fromEntries(
          names.map((name, at) => {
            const [part, options] = mixture[at % mixture.length] ?? ["kref"];
            return [name, { ...builtin(part), ...(options === undefined ? {} : { options }) }];
          }),
        ),
      ),
    );
  });
}

/** The deliberate bugs of strategies/broken/. */
export function brokenStrategies(): readonly TestedStrategy[] {
  return strategiesIn("broken");
}

/** A program of test/programs, with a strategy. */
export function linkTestProgram(
  program: string,
  strategy: TestedStrategy,
  options: Readonly<Record<string, number>> = {},
  entries: readonly string[] | "all" = "all",
): IrProgram {
  const module = join(packageRoot, "test/programs", `${program}.ts`);
  const { path, parts, meta } = strategy;
  const use = { instance: "strategy", path, options: {}, ...(parts === undefined ? {} : { parts }) };
  // Who counts each class of labels in its own way is shown all of them.
  const classes = program === "label-stage" && meta.parts !== undefined ? { allClasses: 1 } : {};
  return linkProgram({ module, entries, strategies: [use], options: { ...classes, ...options } }, host);
}

const stepped = new Map<string, SteppedProgram>();

/** The same as a stepped program, built once. */
export function steppedTestProgram(
  program: string,
  strategy: TestedStrategy,
  options: Readonly<Record<string, number>> = {},
): SteppedProgram {
  const key = JSON.stringify([program, strategy.path, strategy.parts, options]);
  let built = stepped.get(key);
  if (built === undefined) {
    built = buildStepped(linkTestProgram(program, strategy, options));
    stepped.set(key, built);
  }
  return built;
}

/** Bytes of memory that the stage needs: heap pages of a few kinds for each CPU. */
export function stageBytes(cpus: number): number {
  return (1 + cpus) * 128 * 1024;
}

/** Names of reported objects. */
export const kindNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Kind).flatMap(([name, kind]) => (typeof kind === "number" ? [[kind, name] as const] : [])),
);

/** `useAfterFree` -> `use-after-free`, as engines spell it. */
export function verdictText(verdict: number): string {
  return (Verdict[verdict] ?? "?").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Violations that the program's own checks found, from counted marks. */
export function markedVerdicts(marks: ReadonlyMap<number, number>): string[] {
  return [...marks.keys()]
    .filter((mark) => mark > Mark.violation)
    .map((mark) => verdictText(mark - Mark.violation));
}

/** The label stage in direct mode: every call runs to its end at once. */
export class StageDirect {
  readonly machine: Direct;
  readonly cpus: number;
  private readonly counts = new Map<number, number>();

  constructor(strategy: TestedStrategy, cpus = 2) {
    this.cpus = cpus;
    this.machine = createDirect(steppedTestProgram("label-stage", strategy), {
      cpus,
      memoryWords: stageBytes(cpus) / 4,
      kinds: kindNames,
      onMark: ({ event }) => this.counts.set(event, (this.counts.get(event) ?? 0) + 1),
    });
    this.machine.call("boot");
    for (let cpu = 0; cpu < cpus; cpu++) this.machine.call("bootCpu", [cpu], cpu);
  }

  /** Calls an entry whose first parameter is the CPU it runs on. */
  on(cpu: number, entry: string, ...args: number[]): number {
    return this.machine.call(entry, [cpu, ...args], cpu);
  }

  /** How often that mark was made. */
  marks(mark: Mark): number {
    return this.counts.get(mark) ?? 0;
  }

  /** Verdicts that the program's own checks reached. */
  verdicts(): string[] {
    return markedVerdicts(this.counts);
  }

  /** Labels that are allocated and not freed. */
  liveLabels(): number {
    return this.machine.call("liveLabels");
  }

  /** Lets grace periods pass and maintenance run until nothing happens any more. */
  settle(): void {
    for (let round = 0; round < 100; round++) {
      const ran = this.machine.gracePeriod();
      const maintained = this.on(0, "maintain");
      if (ran === 0 && maintained === 0) return;
    }
    throw new Error("callbacks and maintenance never come to rest");
  }

  /** A label that is reachable, as after loading a profile: its first reference in holder 0 of CPU 0. */
  published(): number {
    const label = this.on(0, "make", 0);
    this.on(0, "publishLabel", label);
    return label;
  }
}
