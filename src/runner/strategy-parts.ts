/** What a strategy that is made of others was made of, for results and their readers. */
import { basename } from "node:path";
import type { IrProgram } from "../link/ir.ts";
import { describeUse } from "../link/meta.ts";
import { completeOptions } from "../link/options.ts";
import { partsOf } from "../link/parts.ts";
import type { SourceHost } from "../link/source-host.ts";
import type { Cell } from "../results/schema.ts";
import type { CellSpec } from "./cell-spec.ts";
import { bytesCountedBy } from "./label-bytes.ts";

type StrategyParts = NonNullable<Cell["strategyParts"]>;

/** The parts of a cell's strategy with all their options; undefined where it has none. */
export function strategyPartsOf(
  { strategy, cpus }: CellSpec,
  program: IrProgram,
  host: SourceHost,
): StrategyParts | undefined {
  const parts = partsOf(strategy, host);
  if (parts.size === 0) return undefined;
  return Object.fromEntries(
    [...parts].map(([name, { path, options }]) => {
      const strategy = basename(path, ".ts");
      const complete = completeOptions(describeUse({ path }, host).options, options, `strategy ${strategy}`);
      const labelBytes = bytesCountedBy(`strategy.${name}`, program, cpus);
      return [name, { strategy, options: Object.fromEntries(complete), labelBytes }];
    }),
  );
}

/** What a reader should know of the parts. @param withBytes whether cells are few enough to tell the bytes of each part */
export function partNotes(
  parts: StrategyParts | undefined,
  { constants }: IrProgram,
  withBytes = true,
): string[] {
  if (parts === undefined) return [];
  const named = Object.entries(parts);
  const shown = named.map(([name, { strategy }]) => `${name} ${strategy}`).join(", ");
  const bytes = new Set(named.map(([, { labelBytes }]) => labelBytes));
  const sizes = named.map(([name, { labelBytes }]) => `${labelBytes} of ${name}`).join(", ");
  const intervals = named.flatMap(([name]) => constants.get(`strategy.${name}.maintenanceIntervalMs`) ?? []);
  const wanted = new Set(intervals.filter((interval) => interval !== 0));
  return [
    `made of: ${shown}`,
    ...(withBytes && bytes.size > 1 ? [`bytes of a label: ${sizes}`] : []),
    ...(wanted.size > 1
      ? [
          `maintenance runs every ${Math.min(...wanted)} ms; parts that ask for longer pauses have every second turn, or third, ...`,
        ]
      : []),
  ];
}
