/**
 * A label with its mode, as /proc/PID/attr/current and aa_getcon(2) give it: `/usr/bin/man (enforce)`.
 *
 * The kernel only writes modes and never reads them; taking them off is aa_splitcon(3)'s work in libapparmor. Differences
 * from there: a label without a mode is taken as it is, where aa_splitcon knows only `unconfined` to have none; and a mode
 * that no kernel writes is refused.
 */
import { didYouMean } from "../names.ts";
import { LabelError } from "./label-error.ts";
import { type LabelParts, unconfinedName } from "./label-parts.ts";
import { type ShownMode, shownModes } from "./modes.ts";
import { type ParseOptions, parseLabel } from "./parse-label.ts";

export interface LabelContext {
  readonly parts: LabelParts;
  /** The word in parentheses, or null where there was none. */
  readonly mode: ShownMode | null;
}

/** Label and mode apart; one line break at the end is dropped. LabelError `einval` for a word that is no mode. */
export function splitContext(text: string): { readonly label: string; readonly mode: ShownMode | null } {
  const line = text.endsWith("\n") ? text.slice(0, -1) : text;
  const open = line.lastIndexOf(" (");
  if (line === unconfinedName || !line.endsWith(")") || open < 0) return { label: line, mode: null };
  const word = line.slice(open + 2, -1);
  const mode = shownModes.find((name) => name === word);
  if (mode === undefined) {
    throw new LabelError(
      "EINVAL",
      text,
      open + 3,
      `\`${word}\` is no mode`,
      `Modes are ${shownModes.join(", ")}${didYouMean(word, shownModes)}`,
    );
  }
  return { label: line.slice(0, open), mode };
}

/** Reads a label with or without mode; errors as splitContext and parseLabel, columns from the start of the text. */
export function parseContext(text: string, options: ParseOptions = {}): LabelContext {
  const { label, mode } = splitContext(text);
  return { parts: parseLabel(label, options), mode };
}
