/** What every cell says of itself whatever its engine: which strategy with which options under which load, and what a label takes. */
import type { Repetition } from "../engines/threads/index.ts";
import type { IrProgram } from "../link/ir.ts";
import type { StrategyDescription } from "../link/meta.ts";
import { completeOptions } from "../link/options.ts";
import type { Cell } from "../results/schema.ts";
import type { Workload } from "../workloads/index.ts";
import type { CellSpec } from "./cell-spec.ts";
import { labelBytesByPart, labelBytesOf } from "./label-bytes.ts";

/** @param parts what the strategy was made of, if of others */
export function cellHead(spec: CellSpec, meta: StrategyDescription, parts: Cell["strategyParts"]) {
  const { strategy } = spec;
  return {
    id: spec.id,
    strategy: strategy.instance,
    hooks: spec.hooks,
    strategyOptions: Object.fromEntries(completeOptions(meta.options, strategy.options, strategy.name)),
    ...(parts === undefined ? {} : { strategyParts: parts }),
    engine: spec.engine,
    workload: spec.workload.scenario,
    cpus: spec.cpus,
    ...(spec.varied === undefined ? {} : { varied: spec.varied }),
  } satisfies Partial<Cell>;
}

/** Bytes, and what is open, at the end of a run. */
export function cellMemory(program: IrProgram, cpus: number, { atEnd }: Pick<Repetition, "atEnd">) {
  return {
    labelBytes: labelBytesOf(program, cpus),
    labelBytesByPart: labelBytesByPart(program, cpus),
    memoryByClass: { heap: atEnd.heapBytes ?? 0, percpu: (atEnd.percpuBytesInUse ?? 0) * cpus },
    openAtEnd: (atEnd.openDescriptors ?? 0) + (atEnd.filesInFlight ?? 0),
  } satisfies Partial<Cell>;
}

/** Script events of one run over all CPUs, by name; those that never occur left out. */
export function eventsOf({ expected }: Workload): Record<string, number> {
  const {
    requests: _requests,
    records: _records,
    thinkNs: _thinkNs,
    stallNs: _stallNs,
    openAtCut: _openAtCut,
    ...counts
  } = expected;
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** No faults under a load is no proof, which matters most for a strategy that nobody else has tested. */
export function ownStrategyNotes(isOwn: boolean, { atEnd }: Pick<Repetition, "atEnd">): string[] {
  return isOwn && (atEnd.policyUpdates ?? 0) === 0
    ? [
        "this load replaces no policy, so a look-up that meets a dying label never happens: 0 faults is no proof; " +
          'how to try it: docs/guides/write-a-strategy.md, "Rules of the contract"',
      ]
    : [];
}
