/** Options as config and command line set them, held against what a strategy or program declares. */
import { RefplayError } from "../errors.ts";
import type { OptionDeclaration } from "./description.ts";
import { didYouMean } from "./front/graph.ts";

/**
 * Options complete with their defaults.
 * @param owner who declares them, for messages: "strategy kref"
 * @throws RefplayError for an unknown option, one that is no integer, one out of its range, or two that exclude each other
 */
export function completeOptions(
  declared: Readonly<Record<string, OptionDeclaration>>,
  given: Readonly<Record<string, number>>,
  owner: string,
): Map<string, number> {
  for (const [name, value] of Object.entries(given)) {
    const option = declared[name];
    if (option === undefined) {
      const names = Object.keys(declared);
      const hint =
        didYouMean(name, names) ??
        (names.length === 0 ? "it has no options" : `its options: ${names.join(", ")}`);
      throw new RefplayError("unknown-option", `${owner} has no option \`${name}\``, { hint });
    }
    if (!Number.isInteger(value) || value < option.min || value > option.max) {
      const unit = option.unit === "" ? "" : ` ${option.unit}`;
      throw new RefplayError("option-range", `option \`${name}\` of ${owner} is ${value}`, {
        hint: `an integer from ${option.min} to ${option.max}${unit}: ${option.doc}`,
      });
    }
  }
  const options = new Map(
    Object.entries(declared).map(([name, option]) => [name, given[name] ?? option.default]),
  );
  for (const [name, { conflicts = [] }] of Object.entries(declared)) {
    const other = conflicts.find((conflict) => (options.get(conflict) ?? 0) !== 0);
    if (options.get(name) === 0 || other === undefined) continue;
    throw new RefplayError("option-conflict", `${owner} cannot have both \`${name}\` and \`${other}\``, {
      hint: "set one of them to 0",
    });
  }
  return options;
}
