/** Numbers among a benchmark's options. */
import { RefplayError } from "../../src/errors.ts";

/** The whole number that an option's text says. Throws RefplayError `bad-number` for another text, or one outside the range. */
export function wholeNumber(name: string, text: string | undefined, least = 1, most?: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= (most ?? value)) return value;
  const range = most === undefined ? `from ${least}` : `from ${least} to ${most}`;
  throw new RefplayError("bad-number", `--${name} must be a whole number ${range}, not ${text}`);
}
