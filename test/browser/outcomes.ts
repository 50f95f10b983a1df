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
}

/** By the job's name. */
export type Outcomes = Readonly<Record<string, Outcome>>;

/** 64 bits in hexadecimal: two lanes of FNV-1a over the characters' codes. */
function hashText(text: string): string {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + 1), 0x01000193);
  }
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
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
  return { load, program, result: canonicalText(simulate(job)) };
}
