/** Links one source text for tests of the front end. */
import { RefplayError } from "../../src/errors.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { linkProgram, type StrategyUse } from "../../src/link/link.ts";
import { nodeHost } from "../../src/link/node-host.ts";
import { memoryHost } from "../../src/link/source-host.ts";

export const machineImport =
  'import { load, store, fetchAdd, awaitEqual, mark, script, option, layout, layoutBytes, i32, u32, ptr, type bool } from "refplay/machine";\n';

/** Links `main.ts` (and other files) with no strategy. */
export function linkText(
  text: string,
  files: Record<string, string> = {},
  strategies: readonly StrategyUse[] = [],
): IrProgram {
  const host = memoryHost({ "main.ts": text, ...files }, nodeHost());
  return linkProgram({ module: "main.ts", entries: "all", strategies, options: {} }, host);
}

/** What linking a text is refused with: location, message and hint; throws if it links. */
export function refusal(
  text: string,
  files: Record<string, string> = {},
  strategies: readonly StrategyUse[] = [],
): string {
  try {
    linkText(text, files, strategies);
  } catch (error) {
    if (error instanceof RefplayError) return error.format();
    throw error;
  }
  throw new Error("the text was linked");
}
