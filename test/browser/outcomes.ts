/** What the jobs come to, as texts. The page's bundle and the child process run this module, too; no Node here. */
import { simulate } from "../../src/engines/sim/index.ts";
import { hashScripts } from "../../src/workloads/index.ts";
import { canonicalText } from "./canonical.ts";
import { type JobName, jobNames, jobOf, loadOf, type SourceTexts } from "./jobs.ts";

/** One job's texts, in the order in which they come about: where an earlier one differs, later ones cannot be the same. */
export interface Outcome {
  /** What the load says of itself, hash of its scripts, and the machine. */
  readonly load: string;
  /** Hash of the linked program: generated code, places in the sources, constants. */
  readonly program: string;
  /** The whole `SimResult`. */
  readonly result: string;
  /** Hash of all of them, to compare by eye. */
  readonly hash: string;
}

/** By the job's name. */
export type Outcomes = Readonly<Record<string, Outcome>>;

/** 64 bits in hexadecimal. */
function hashText(text: string): string {
  return hashScripts([Int32Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))]);
}

/** Links and simulates the jobs, all unless told which. */
export function outcomesOf(texts: SourceTexts, names: readonly JobName[] = jobNames): Outcomes {
  return Object.fromEntries(names.map((name): [string, Outcome] => [name, outcomeOf(name, texts)]));
}

function outcomeOf(name: JobName, texts: SourceTexts): Outcome {
  const { scripts, ...said } = loadOf(name);
  const job = jobOf(name, texts);
  const { pieces, sites, entries, structs, constants, wordsPerActor } = job.program;
  const load = canonicalText({ ...said, scripts: hashScripts(scripts), machine: job.machine });
  const program = hashText(canonicalText({ pieces, sites, entries, structs, constants, wordsPerActor }));
  const result = canonicalText(simulate(job));
  return { load, program, result, hash: hashText(load + program + result) };
}
