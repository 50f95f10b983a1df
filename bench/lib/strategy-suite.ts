/**
 * The benny suite of one strategy: get+put by a task of the label and by one of another label, tryGet+put, a short use, and the
 * hooks' path of open and close, on one thread and on two. Each case is one long loop inside WebAssembly, so that what benny and the messages to workers cost does not count.
 */
import benny from "benny";
import { KernelSide } from "../../src/bench/kernel-side.ts";
import { LinkedSide } from "../../src/bench/linked-side.ts";
import type { Job, Side } from "../../src/bench/side.ts";
import { plainTable } from "./table.ts";

/** Turns of the loop in one call of a case. */
const pairs = 500_000;
/** Labels that bare loops rotate over. */
const labels = 64;

interface SuiteCase {
  readonly name: string;
  readonly side: Side;
  readonly job: Job;
}

async function casesOf(strategy: string, threads: number): Promise<readonly SuiteCase[]> {
  const bare = await LinkedSide.open({ module: "pairs", strategy }, threads);
  const kernel = await KernelSide.open(strategy, 66, threads);
  const one = (title: string, side: Side, entry: string): SuiteCase => ({
    name: `${title}, ${threads} thread${threads === 1 ? "" : "s"}`,
    side,
    job: { name: entry, threads, pairs, labels, pin: false },
  });
  return [
    one("get+put", bare, "getPut"),
    one("get+put of another label", bare, "foreignGetPut"),
    one("tryGet+put", bare, "tryGetPut"),
    one("borrow+unborrow", bare, "borrowUnborrow"),
    one("open+close through the hooks (v6.6)", kernel, "run"),
  ];
}

/** Runs the suite and prints ns per turn. */
export async function runStrategySuite(strategy: string): Promise<void> {
  const cases = [...(await casesOf(strategy, 1)), ...(await casesOf(strategy, 2))];
  // benny calls every case while it collects them and does not wait; a side does one job at a time.
  let last: Promise<unknown> = Promise.resolve();
  const afterOthers = (body: () => Promise<unknown>): Promise<void> => {
    const mine = last.then(body);
    last = mine;
    return mine.then(() => undefined);
  };
  const summary = await benny.suite(
    strategy,
    ...cases.map(({ name, side, job }) => benny.add(name, () => afterOthers(() => side.run(job)))),
    // It rewrites lines, which only a terminal shows well.
    ...(process.stdout.isTTY ? [benny.cycle()] : []),
  );
  const ns = (seconds: number): string => ((seconds * 1e9) / pairs).toFixed(2);
  const rows = summary.results.map(({ name, margin, details }) => [
    name,
    ns(details.min),
    ns(details.median),
    `${margin.toFixed(1)} %`,
  ]);
  console.log(`\n${plainTable([`${strategy}, ns per turn`, "best", "median", "margin of error"], rows)}`);
  for (const side of new Set(cases.map((entry) => entry.side))) await side.close();
}
