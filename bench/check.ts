/**
 * `npm run bench:check`: whether the checker reaches the bounds that it promises, how soon it finds planted bugs, what the
 * litmus tests take, what DPOR does in vain, and our time beside SPIN's. Every search runs in a process of its own.
 */

import { describeMachine, machineLine } from "../src/bench/machine.ts";
import { findCompiler } from "../src/bench/peers.ts";
import { RefplayError } from "../src/errors.ts";
import { bareAims, hookAim, memoryAimBytes, type ReachAim } from "./lib/check/aims.ts";
import { measureBroken } from "./lib/check/broken.ts";
import { measureDpor } from "./lib/check/dpor.ts";
import { measureLitmus } from "./lib/check/litmus.ts";
import { type CheckOptions, parseCheckOptions } from "./lib/check/options.ts";
import { measureReach } from "./lib/check/reach.ts";
import { strategiesFor } from "./lib/check/sources.ts";
import { compareWithSpin } from "./lib/check/spin.ts";
import { brokenTable, dporTable, litmusTable, reachTable, spinTable } from "./lib/check/tables.ts";
import { findSpin } from "./peers/promela.ts";

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** One part after the other, each printed as soon as it is there; all of it for `--json`. */
async function measure(options: CheckOptions): Promise<Record<string, unknown>> {
  const { parts, limitS, beyond, rounds, json } = options;
  const machine = describeMachine(findCompiler()?.version ?? null);
  const report: Record<string, unknown> = { machine };
  const print = (text: string): void => {
    if (!json) console.log(text);
  };
  const show = <T>(part: string, result: T, table: (result: T) => string): void => {
    report[part] = result;
    print(`\n${table(result)}`);
  };
  print(machineLine(machine));
  if (parts.has("reach")) {
    const hooks = strategiesFor(hookAim.program).map((strategy): ReachAim => ({ ...hookAim, strategy }));
    const limits = { limitS, beyond, memoryBytes: memoryAimBytes, say };
    show("reach", await measureReach([...bareAims, ...hooks], limits), reachTable);
  }
  if (parts.has("broken")) show("broken", await measureBroken(rounds, say), brokenTable);
  if (parts.has("litmus")) show("litmus", await measureLitmus(), litmusTable);
  if (parts.has("dpor")) show("dpor", await measureDpor(limitS, say), dporTable);
  if (parts.has("spin")) {
    const tools = findSpin();
    if (typeof tools === "string") show("spin", { skipped: tools }, ({ skipped }) => skipped);
    else show("spin", await compareWithSpin(tools, rounds, say), spinTable);
  }
  return report;
}

try {
  const options = parseCheckOptions(process.argv.slice(2));
  const report = await measure(options);
  if (options.json) console.log(JSON.stringify(report, null, 2));
} catch (error) {
  if (!(error instanceof RefplayError)) throw error;
  say(error.format());
  process.exitCode = 2;
}
