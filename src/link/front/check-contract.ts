/**
 * Holds a strategy file against the contract: required functions and constants are there, and everything that bears a name
 * of the contract has its signature.
 */
import { contractConstants, contractFunctions, signatureOf } from "../contract.ts";
import type { StrategyUse } from "./graph.ts";
import { didYouMean } from "./graph.ts";
import type { Linkage } from "./linkage.ts";

/** Reports what a strategy lacks or declares otherwise. */
export function checkContract(linkage: Linkage, use: StrategyUse): void {
  const { graph } = linkage;
  const module = graph.strategyModule(use);
  if (module === null) return;
  const contractNames = new Set([...contractFunctions, ...contractConstants].map((entry) => entry.name));
  const strangers = graph.exportedNames(module).filter((name) => !contractNames.has(name));
  for (const wanted of contractFunctions) {
    const meaning = graph.exported(module, wanted.name);
    if (meaning === null) {
      if (!wanted.required) continue;
      const suggestion = strangers.length === 0 ? undefined : didYouMean(wanted.name, strangers);
      const hint =
        suggestion === undefined
          ? `add \`${signatureOf(wanted)}\``
          : `${suggestion.replace("did you mean", "is it")} Otherwise add \`${signatureOf(wanted)}\``;
      linkage.report(
        module,
        null,
        "missing-function",
        `this strategy does not export the function \`${wanted.name}\``,
        hint,
      );
      continue;
    }
    if (meaning.kind !== "function") {
      linkage.report(
        module,
        null,
        "wrong-signature",
        `\`${wanted.name}\` must be a function`,
        signatureOf(wanted),
      );
      continue;
    }
    const entry = linkage.functionEntry(meaning.module, meaning.name, meaning.node);
    const types = (list: readonly { type: string }[]): string =>
      list.map((parameter) => parameter.type).join(",");
    if (types(entry.parameters) !== types(wanted.parameters) || entry.result !== wanted.result) {
      linkage.report(
        meaning.module,
        meaning.node,
        "wrong-signature",
        `\`${wanted.name}\` does not have the contract's signature`,
        `write \`${signatureOf(wanted)}\``,
      );
    }
  }
  for (const wanted of contractConstants) {
    const meaning = graph.exported(module, wanted.name);
    if (meaning === null && wanted.default === null) {
      linkage.report(
        module,
        null,
        "missing-constant",
        `this strategy does not export \`${wanted.name}\``,
        `add \`export const ${wanted.name}: i32 = 8;\` with the bytes it needs`,
      );
    } else if (meaning !== null && meaning.kind !== "constant" && meaning.kind !== "default") {
      linkage.report(
        module,
        null,
        "wrong-signature",
        `\`${wanted.name}\` must be a constant`,
        `write \`export const ${wanted.name}: i32 = 8;\``,
      );
    }
  }
}
