/** Checks of the catalogue in tests: strategies by name, programs by name, and one line per result to compare. */
import {
  appliesTo,
  type CheckChoice,
  type CheckProgram,
  type CheckReport,
  checkPrograms,
  type ExplorerName,
  type LinkedPrograms,
  prepareCheck,
  runCheck,
} from "../../src/checks/index.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import type { TestedStrategy } from "../conformance/support.ts";

export const models = ["sc", "tso"] as const;

/**
 * Searches under TSO of a minute and more, each of which has a sibling that stays: the same scan beside another program, or the same
 * program with another label set. They pass; REFPLAY_LONG_CHECKS=1 runs them, too.
 */
const long: Readonly<Record<string, readonly string[]>> = {
  "percpu-managed": ["last-put-vs-look-up", "pass-file", "replace-vs-open-rwlock", "replace-vs-open-seqlock"],
};

/** The memory models under which `npm test` checks the program with the strategy. */
export function modelsFor(
  program: CheckProgram,
  strategy: TestedStrategy,
): readonly (typeof models)[number][] {
  const all = process.env.REFPLAY_LONG_CHECKS === "1" || long[strategy.name]?.includes(program.name) !== true;
  return all ? models : ["sc"];
}

const host = nodeHost(packageRoot);
const linked: LinkedPrograms = new Map();

export function programNamed(name: string): CheckProgram {
  const program = checkPrograms.find((candidate) => candidate.name === name);
  if (program === undefined) throw new Error(`the catalogue has no program ${name}`);
  return program;
}

/** Whether the program is checked with the strategy. */
export function applies(program: CheckProgram, strategy: TestedStrategy | null): boolean {
  return appliesTo(program, strategy?.meta ?? null) === null;
}

/** Searches the program with its default bounds unless `choice` has others. */
export function check(
  program: CheckProgram,
  strategy: TestedStrategy | null,
  choice: CheckChoice,
  explorer: ExplorerName = "states",
): Promise<CheckReport> {
  return runCheck(prepareCheck(program, strategy, choice, host, linked), { explorer });
}

/** The verdict, with schedule and sentence where there is a finding: what a failing test should show. */
export function told(report: CheckReport): string {
  if (report.finding === null) return report.verdict;
  return `${report.verdict}: ${report.finding.breach.detail} (--replay "${report.finding.schedule}")`;
}
