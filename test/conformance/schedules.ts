/** Runs the label stage's random steps under random schedules on the reference engine. */
import { type ActorSpec, type ReferenceResult, runReference } from "../../src/engines/reference/index.ts";
import { kindNames, markedVerdicts, stageBytes, steppedTestProgram, type TestedStrategy } from "./support.ts";

/** What one CPU does: an entry of the stage with its arguments behind the CPU. */
export type Act = readonly [entry: "churn" | "lookUps" | "replaces", ...args: number[]];

/**
 * Boot, one actor per CPU at the same time, then the end of everything. Callbacks and maintenance run on CPUs of
 * their own: they use per-CPU cells, and nothing keeps the schedule from running them in the midst of a step.
 */
export function race(strategy: TestedStrategy, acts: readonly Act[], seed: number): ReferenceResult {
  const program = steppedTestProgram("label-stage", strategy);
  const cpus = acts.length;
  const script = (cpu: number, entry: string, ...args: number[]): ActorSpec => ({
    cpu,
    entry,
    args,
    role: "script",
  });
  const background: ActorSpec[] = [{ cpu: cpus, entry: "softirq", args: [cpus], role: "softirq" }];
  if (strategy.meta.capabilities.needsMaintenance)
    background.push({ cpu: cpus + 1, entry: "maintain", args: [cpus + 1], role: "maintenance" });
  const everyCpu = Array.from({ length: cpus + background.length }, (_, cpu) => cpu);
  return runReference(
    program,
    [
      [script(0, "boot")],
      everyCpu.map((cpu) => script(cpu, "bootCpu", cpu)),
      [...acts.map(([entry, ...args], cpu) => script(cpu, entry, cpu, ...args)), ...background],
      [script(0, "clear", 0), ...background],
    ],
    {
      seed,
      cpus: everyCpu.length,
      memoryBytes: stageBytes(cpus + 2),
      kinds: kindNames,
      stepLimit: 2_000_000,
    },
  );
}

/** All CPUs do `steps` random things. */
export function churn(strategy: TestedStrategy, cpus: number, steps: number, seed: number): ReferenceResult {
  const acts = Array.from({ length: cpus }, (_, cpu): Act => ["churn", steps, seed * 64 + cpu + 1]);
  return race(strategy, acts, seed);
}

/** Look-ups against last puts: one CPU replaces labels that others look up. */
export function lookUpRace(strategy: TestedStrategy, seed: number): ReferenceResult {
  return race(
    strategy,
    [
      ["lookUps", 6, 80],
      ["replaces", 8],
      ["lookUps", 20, 5],
    ],
    seed,
  );
}

/** What was wrong with a run, as verdicts: the engine's and those of the program's own checks. */
export function verdictsOf(result: ReferenceResult): string[] {
  return [...result.violations.map(({ verdict }) => verdict), ...markedVerdicts(result.counters.marks)];
}

/** Violations as text, for a message. */
export function explain(result: ReferenceResult): string {
  return result.violations
    .map(({ verdict, detail, chain, step }) => {
      const at = chain.map((frame) => `${frame.function} ${frame.file}:${frame.line}`).join(" > ");
      return `${verdict} at step ${step}: ${detail} (${at})`;
    })
    .join("\n");
}
