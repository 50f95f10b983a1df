/** Runs the label stage's random steps under random schedules on the reference engine. */
import { type ActorSpec, type ReferenceResult, runReference } from "../../src/engines/reference/index.ts";
import { kindNames, markedVerdicts, stageBytes, steppedTestProgram, type TestedStrategy } from "./support.ts";

export interface ChurnOptions {
  readonly cpus: number;
  /** Random steps of each CPU. */
  readonly steps: number;
  readonly seed: number;
}

/** Boot, `cpus` actors that churn at the same time with a softirq each, then the end of everything. */
export function churn(strategy: TestedStrategy, { cpus, steps, seed }: ChurnOptions): ReferenceResult {
  const program = steppedTestProgram("label-stage", strategy);
  const everywhere = (entry: string, role: ActorSpec["role"], args: (cpu: number) => number[]): ActorSpec[] =>
    Array.from({ length: cpus }, (_, cpu) => ({ cpu, entry, args: args(cpu), role }));
  const softirqs = everywhere("softirq", "softirq", (cpu) => [cpu]);
  // Before and after the churn one softirq will do.
  const background: ActorSpec[] = [
    { cpu: 0, entry: "softirq", args: [0], role: "softirq" },
    ...(strategy.meta.capabilities.needsMaintenance
      ? [{ cpu: 0, entry: "maintain", args: [0], role: "maintenance" } as const]
      : []),
  ];
  return runReference(
    program,
    [
      [{ cpu: 0, entry: "boot", args: [], role: "script" }],
      everywhere("bootCpu", "script", (cpu) => [cpu]),
      [
        ...everywhere("churn", "script", (cpu) => [cpu, steps, seed * 64 + cpu + 1]),
        ...softirqs,
        ...background.slice(1),
      ],
      [{ cpu: 0, entry: "clear", args: [0], role: "script" }, ...background],
    ],
    { seed, cpus, memoryBytes: stageBytes(cpus), kinds: kindNames, stepLimit: 2_000_000 },
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
