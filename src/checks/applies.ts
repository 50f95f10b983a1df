/** Which programs make sense for which strategy. A program that does not is skipped with a reason, never changed. */
import type { StrategyDescription } from "../link/meta.ts";
import type { CheckProgram } from "./types.ts";

const whenReleased: Readonly<Record<StrategyDescription["capabilities"]["releases"], string>> = {
  lastPut: "releases labels at their last put",
  retire: "releases labels once they are retired",
  scan: "releases labels by a scan",
  never: "never releases a label",
};

/** Why the program is skipped for the strategy of that description (null: without one), or null where it applies. */
export function appliesTo(program: CheckProgram, meta: StrategyDescription | null): string | null {
  if (!program.strategy) return null;
  if (meta === null) return "it needs a strategy";
  const { releases, strategies, maintenance } = program.needs ?? {};
  if (releases !== undefined && !releases.includes(meta.capabilities.releases)) {
    return `the strategy ${whenReleased[meta.capabilities.releases]}`;
  }
  const fits = (name: string) => meta.title === name || meta.title.startsWith(`${name},`);
  if (strategies !== undefined && !strategies.some(fits)) return `it is for ${strategies.join(" and ")} only`;
  if (maintenance === false && meta.capabilities.needsMaintenance)
    return "with the strategy's maintenance it is too large";
  return null;
}
