/** What `proc-dedup` tells of a cell: counts held against the formulae, the end's time, AppArmor rules, published figures beside. */
import { brokenRules, pathRules } from "./apparmor-rules.ts";
import { dedupCounts } from "./dedup-counts.ts";
import { builtShape, type DedupParameters, dedupParameters, fullCounts } from "./dedup-parameters.ts";
import { pathInSlot } from "./dedup-paths.ts";
import type { ScenarioFigure, ScenarioOutcome } from "./types.ts";

const source = 'J. Mahoney, "procfs: reduce duplication by using symlinks", April 2018';

/** AppArmor rules that do not hold in what was built. */
function brokenIn({ atSetup }: ScenarioOutcome<DedupParameters>) {
  return brokenRules(pathRules.map((_, slot) => pathInSlot(atSetup, slot)));
}

const standard = dedupParameters.parse({});
const fullEntries = ["fullOthers", "fullNs", "fullNet", "fullAttr"] as const;
const built = ["threads", "files", "others", "ns", "net", "attr", "unshared", "leaderUnshares"] as const;

/** What is published of the full scale, where the shape is the published one; of the exit, where what is built stands for it. */
function publishedOf(given: DedupParameters, variant: string): Record<string, ScenarioFigure["published"]> {
  if (given.fullThreads !== 4096 || given.fullFiles !== 16_384) return {};
  const isStandard = (keys: readonly (keyof DedupParameters)[]) =>
    keys.every((key) => given[key] === standard[key]);
  const known = publishedEntries(given, variant);
  return {
    ...("entries" in known ? { entries: known.entries } : {}),
    ...("pairs" in known && isStandard(fullEntries) ? { pairs: known.pairs } : {}),
    ...("usPerPair" in known && isStandard([...fullEntries, ...built]) ? { usPerPair: known.usPerPair } : {}),
  };
}

function publishedEntries(
  given: DedupParameters,
  variant: string,
): Record<string, ScenarioFigure["published"]> {
  const exactly = (value: number) => ({ min: value, max: value, source });
  if (variant === "copies") {
    return given.walker === "find"
      ? {
          entries: { min: 134e6, max: 135e6, source },
          usPerPair: exactly(480e6 / fullCounts(given, variant).dentries),
        }
      : { entries: { min: 545e9, max: 555e9, source } };
  }
  return variant.startsWith("symlink-") && variant !== "symlink-task"
    ? { pairs: { min: 595e3, max: 605e3, source } }
    : {};
}

/** How far what was built is off the formula. One dentry and inode belong to procfs' root. */
export function offTheFormula({
  atSetup,
  parameters: given,
  run,
  variant,
}: ScenarioOutcome<DedupParameters>): number {
  const [threads = 0, files = 0, others = 0, , ns = 0, net = 0, attr = 0] = run.boot;
  const counts = dedupCounts(builtShape({ ...given, threads, files, others, ns, net, attr }, variant));
  const dentries = Math.abs((atSetup.dentries ?? 0) - 1 - counts.dentries);
  return dentries + Math.abs((atSetup.inodes ?? 0) - 1 - counts.inodes);
}

function meanHold({ heldTicks = 0, sections = 0 }: Readonly<Record<string, number>>): number | null {
  return sections === 0 ? null : heldTicks / sections;
}

/** Sentences for the report: which rules a variant breaks. */
export function dedupNotes(outcome: ScenarioOutcome<DedupParameters>): readonly string[] {
  return brokenIn(outcome).map(
    ({ from, opens, resolved, rule }) =>
      `${outcome.variant} breaks the AppArmor rule \`${rule}\` (${from}): ${opens} ends at ${resolved}`,
  );
}

export function dedupFigures(outcome: ScenarioOutcome<DedupParameters>): readonly ScenarioFigure[] {
  const { atEnd, atSetup, elapsedNs, engine, finished, parameters: given, variant } = outcome;
  const built = dedupCounts(builtShape(given, variant));
  const full = fullCounts(given, variant);
  const known = publishedOf(given, variant);
  const dentries = (atSetup.dentries ?? 0) - 1;
  const inodes = (atSetup.inodes ?? 0) - 1;
  // A run that was cut by time shows no exit, and what it came to says nothing of a whole one.
  const exitNs = finished ? elapsedNs : null;
  const usPerPair = exitNs === null ? null : exitNs / 1000 / Math.max(1, built.dentries);
  const onSim = (us: number | null): number | null => (engine === "sim" ? us : null);
  const beside = (published: ScenarioFigure["published"]) => (published === undefined ? {} : { published });
  return [
    { name: "dentries", unit: "count", value: dentries },
    { name: "inodes", unit: "count", value: inodes },
    {
      name: "off the formula",
      unit: "count",
      value: offTheFormula(outcome),
    },
    { name: "exit", unit: "ms", value: exitNs === null ? null : exitNs / 1e6 },
    {
      name: "exit per dentry",
      unit: "us",
      value: usPerPair,
      ...(engine === "sim" ? beside(known.usPerPair) : {}),
    },
    // The clock shows whole microseconds: the mean of all sections is finer than that, the longest one is not.
    { name: "mean hold", unit: "us", value: onSim(meanHold(atEnd)) },
    { name: "longest hold, below", unit: "us", value: onSim((atEnd.longestHold ?? 0) + 1) },
    { name: "longest wait, below", unit: "us", value: onSim((atEnd.longestWait ?? 0) + 1) },
    {
      name: "full dentries",
      unit: "count",
      value: full.dentries,
      ...beside(known.pairs),
      // `fullNet` was chosen so that links come to the published number.
      ...(known.pairs === undefined ? {} : { fitted: true as const }),
    },
    { name: "full inodes", unit: "count", value: full.inodes },
    {
      name: "full */task/*/fd*/*",
      unit: "count",
      value: full.threadFileEntries,
      ...beside(known.entries),
    },
    { name: "full exit", unit: "s", value: usPerPair === null ? null : (usPerPair * full.dentries) / 1e6 },
    { name: "rules broken", unit: "count", value: brokenIn(outcome).length },
  ];
}
