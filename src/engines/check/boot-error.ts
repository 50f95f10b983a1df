/** A rule broken before the actors begin: an error for who wants to search, and a finding with an empty schedule all the same. */
import { RefplayError } from "../../errors.ts";
import type { ChainFrame } from "../../link/stepped/index.ts";
import type { Breach } from "./types.ts";

/** Code `check-boot`. */
export class CheckBootError extends RefplayError {
  readonly breach: Breach;
  /** Where it happened, outermost first. */
  readonly chain: readonly ChainFrame[];

  /** @param entry what was called */
  constructor(entry: string, breach: Breach, chain: readonly ChainFrame[]) {
    const place = chain.at(-1);
    super("check-boot", `${entry}: ${breach.verdict}: ${breach.detail}`, {
      hint: "the program breaks a rule before its actors have begun: run its unit tests first",
      ...(place === undefined
        ? {}
        : { location: { file: place.file, line: place.line, column: place.column } }),
    });
    this.breach = { ...breach, actor: -1 };
    this.chain = chain;
  }
}
