/** The table of `refplay memory`: a row for each strategy, as wide as a terminal. */
import { plainTable } from "../report/plain-table.ts";
import type { MemoryPlan } from "./load.ts";
import type { LabelMemory, MemoryReport } from "./measure.ts";

export interface MeasuredStrategy {
  readonly name: string;
  readonly memory: MemoryReport;
}

/** Whose labels all others are compared with. */
export const memoryReference = "kref";

/** How many times as much the labels take as those of kref; null where kref was not measured. */
export function timesReference(memory: LabelMemory, measured: readonly MeasuredStrategy[]): number | null {
  const reference = measured.find(({ name }) => name === memoryReference)?.memory.hot.total;
  return reference === undefined ? null : memory.total / reference;
}

const gap = 2;
const longestName = 14;
const legend = `Bytes for each label while the hot ones are in use, sizes as in a 64-bit kernel:
the object, the strategy's own in it, its counters on all CPUs, what it keeps
apart; KiB: all labels together; x kref: how often as much as with kref; idle:
bytes for each label once none is used. Then bytes of the strategy in each
task, holder and CPU, however many labels there are.`;

/** Lines of at most 80 characters. */
export function memoryText(
  measured: readonly MeasuredStrategy[],
  plan: MemoryPlan,
  dim: (text: string) => string,
): string {
  const head = [
    "strategy",
    "object",
    "own",
    "CPUs",
    "apart",
    "sum",
    "KiB",
    "x kref",
    "idle",
    "task",
    "hold",
    "CPU",
  ];
  const rows = measured.map(({ name, memory: { hot, idle, fixed } }) => {
    const each = (bytes: number, of = hot): string => tenths(bytes / of.labels);
    const times = timesReference(hot, measured);
    return [
      name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name,
      each(hot.object),
      each(hot.strategy),
      each(hot.perCpu),
      each(hot.apart),
      each(hot.total),
      String(Math.round(hot.total / 1024)),
      times === null ? "-" : times.toFixed(2),
      each(idle.total, idle),
      String(fixed.task),
      String(fixed.holder),
      String(fixed.cpu),
    ];
  });
  const title = `${plan.labels} labels, ${plan.hotLabels} of them hot, ${plan.cpus} CPUs`;
  const table = plainTable([head, ...rows], gap - 1, (column) => (column === 0 ? "left" : "right"));
  return `${title}\n\n${table}\n\n${dim(legend)}\n`;
}

function tenths(bytes: number): string {
  return Number.isInteger(bytes) || bytes >= 1000 ? String(Math.round(bytes)) : bytes.toFixed(1);
}
