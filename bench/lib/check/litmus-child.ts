/** The process in which the litmus tests run: sends one report to its parent. */
import type { CheckProblem, Explorer, MemoryModel } from "../../../src/engines/check/types.ts";
import type { SteppedProgram } from "../../../src/link/stepped/index.ts";
import { linkLitmus, litmusProblem } from "../../../test/litmus/litmus-problem.ts";
import type { LitmusTest } from "../../../test/litmus/litmus-test.ts";
import { orderTests } from "../../../test/litmus/order-tests.ts";
import { rcuTests } from "../../../test/litmus/rcu-tests.ts";
import { storeBufferTests } from "../../../test/litmus/store-buffer-tests.ts";
import type { LitmusReport } from "./litmus.ts";
import { shippedExplorers } from "./shipped.ts";

const { CheckMachine, DporExplorer, NaiveExplorer, StatefulExplorer } = await shippedExplorers();

type Make = (program: SteppedProgram, problem: CheckProblem) => Explorer;
const explorers: readonly (readonly [string, Make])[] = [
  ["stateful", (program, problem) => new StatefulExplorer(program, problem, {})],
  ["DPOR", (program, problem) => new DporExplorer(new CheckMachine(program, problem), {})],
  ["naive", (program, problem) => new NaiveExplorer(new CheckMachine(program, problem), {})],
];
const models: readonly MemoryModel[] = ["sc", "tso"];

function asStated(litmus: LitmusTest, model: MemoryModel, explorer: Explorer): boolean {
  const stated = [...litmus.sc, ...(model === "tso" ? litmus.tsoOnly : [])].sort();
  const { complete, findings, outcomes } = explorer.result();
  return complete && findings.length === 0 && outcomes.join(" ") === stated.join(" ");
}

function msOf(body: () => void): number {
  const start = performance.now();
  body();
  return performance.now() - start;
}

const tests = [...storeBufferTests, ...orderTests, ...rcuTests];
const linked: (readonly [LitmusTest, SteppedProgram])[] = [];
const linkMs = msOf(() => {
  for (const litmus of tests) linked.push([litmus, linkLitmus(litmus)]);
});

const times = explorers.map(([explorer, make]) => {
  let right = true;
  const round = (): void => {
    for (const [litmus, program] of linked) {
      for (const model of models) {
        const search = make(program, litmusProblem(litmus, model));
        while (!search.advance(20_000));
        if (!asStated(litmus, model, search)) right = false;
      }
    }
  };
  return { explorer, coldMs: msOf(round), againMs: msOf(round), right };
});
const totalMs = times.reduce((sum, { coldMs }) => sum + coldMs, 0);
const report: LitmusReport = { tests: tests.length, linkMs, explorers: times, totalMs };
process.send?.(report, () => process.disconnect());
