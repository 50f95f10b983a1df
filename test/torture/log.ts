/** The log of a run: one line of JSON for its options and one for each round, so that a run that was stopped can go on. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { RefplayError } from "../../src/errors.ts";
import type { RoundResult } from "./round.ts";

const header = z.object({
  torture: z.literal(1),
  seed: z.string(),
  cpus: z.number().optional(),
  labels: z.number().optional(),
});

const line = z.object({
  strategy: z.string(),
  round: z.number(),
  ms: z.number(),
  wrong: z.record(z.string(), z.number()),
});

export type LogHeader = z.output<typeof header>;
export type LogLine = z.output<typeof line>;

/** A log in a file, or nowhere. */
export class TortureLog {
  readonly #file: string | undefined;
  /** Rounds of earlier runs. */
  readonly before: readonly LogLine[];

  /**
   * Begins a log; with `resume` the one that is there goes on.
   * @throws RefplayError `torture-log` for a log that is of another run or no log at all
   */
  constructor(file: string | undefined, options: LogHeader, resume: boolean) {
    this.#file = file;
    if (file !== undefined && resume && existsSync(file)) {
      this.before = readLog(file, options);
      return;
    }
    this.before = [];
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(options)}\n`);
  }

  add(strategy: string, number: number, { plan, ...result }: RoundResult): void {
    if (this.#file === undefined) return;
    const { cpus, labels, maintenance, seed, variant } = plan;
    const what = { strategy, round: number, seed, ...result, cpus, labels, maintenance, variant };
    appendFileSync(this.#file, `${JSON.stringify(what)}\n`);
  }
}

function readLog(file: string, options: LogHeader): LogLine[] {
  const [first = "", ...rest] = readFileSync(file, "utf8").split("\n");
  const begun = header.safeParse(parsed(first));
  if (!begun.success) throw new RefplayError("torture-log", `${file} is no log of torture`);
  const { cpus, labels, seed } = begun.data;
  if (seed !== options.seed || cpus !== options.cpus || labels !== options.labels) {
    const shown = [`--seed ${seed}`, ...(cpus === undefined ? [] : [`--cpus ${cpus}`])];
    if (labels !== undefined) shown.push(`--labels ${labels}`);
    throw new RefplayError("torture-log", `${file} is of another run`, {
      hint: `it began with ${shown.join(" ")}`,
    });
  }
  // A line that was cut off is a round that has to be done again.
  return rest.flatMap((text) => {
    const read = line.safeParse(parsed(text));
    return read.success ? [read.data] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
