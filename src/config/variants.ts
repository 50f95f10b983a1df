/** Which variants of a scenario a config compares: they stand where strategies stand, for scenarios with a program of their own. */
import { RefplayError, type SourceLocation } from "../errors.ts";
import type { ValuePath } from "../input/positions.ts";
import { didYouMean } from "../names.ts";
import type { Scenario } from "./scenarios.ts";
import type { Config } from "./schema.ts";
import type { StrategySelection } from "./strategies.ts";

/** What the config or a flag sets, as opposed to defaults. */
export interface ChosenLists {
  readonly strategies: boolean;
  readonly variants: boolean;
}

/**
 * The variants of the config's scenario, in the config's order, all of them where it names none; undefined for a scenario that
 * compares strategies. Throws RefplayError `no-strategies`, `no-variants` or `unknown-variant`.
 */
export function selectVariants(
  config: Config,
  { name, variants }: Scenario,
  chosen: ChosenLists,
  locate: (path: ValuePath) => SourceLocation,
): StrategySelection[] | undefined {
  if (variants === undefined) {
    if (!chosen.variants || config.variants.length === 0) return undefined;
    throw new RefplayError("no-variants", `\`${name}\` compares strategies and has no variants`, {
      location: locate(["variants"]),
      hint: "Name what to compare under `strategies`.",
    });
  }
  const names = variants.map((variant) => variant.name);
  if (chosen.strategies) {
    throw new RefplayError("no-strategies", `\`${name}\` compares its variants and takes no strategies`, {
      location: locate(["strategies"]),
      hint: `Name them under \`variants\`: ${names.join(", ")}; without, all are compared.`,
    });
  }
  config.variants.forEach((variant, index) => {
    if (names.includes(variant)) return;
    throw new RefplayError(
      "unknown-variant",
      `\`${name}\` has no variant \`${variant}\`${didYouMean(variant, names)}`,
      { location: locate(["variants", index]), hint: `Its variants: ${names.join(", ")}.` },
    );
  });
  const wanted = config.variants.length === 0 ? names : config.variants;
  return wanted.map((variant) => ({ instance: variant, name: variant, path: name, options: {} }));
}
