/**
 * `npm run fuzz -- [--programs N] [--seed TEXT] [--wasm EVERY] [--check N] [--areas N]`: the long run. Each program goes through every
 * stepped shape; one in EVERY (default 4) through WebAssembly too, which takes twenty times as long to build. Then N programs
 * (default 10,000) through every search of the checker, and N (default 5000) with areas and with grace periods, each, through
 * the stateful one. Ends with 1 if any differed.
 */
import { parseArgs } from "node:util";
import { areaReport, judgeAreas } from "./check-areas-compare.ts";
import { generateAreaProgram } from "./check-areas-generate.ts";
import { checkFailureReport } from "./check-report.ts";
import { runCheckFuzz } from "./check-run.ts";
import { compare, steppedShapes, wasmShapes } from "./compare.ts";
import { generateProgram } from "./generate.ts";
import { failureReport } from "./report.ts";

const { values } = parseArgs({
  options: {
    programs: { type: "string", default: "2000" },
    seed: { type: "string", default: "fuzz" },
    first: { type: "string", default: "0" },
    wasm: { type: "string", default: "4" },
    check: { type: "string", default: "10000" },
    areas: { type: "string", default: "5000" },
  },
});
const first = Number(values.first);
const programs = Number(values.programs);
const every = Number(values.wasm);
let failures = 0;
let skipped = 0;
for (let index = first; index < first + programs; index++) {
  const program = generateProgram(`${values.seed}${index}`);
  const wasm = every > 0 && index % every === 0;
  // Alternate the WebAssembly variants: they differ in a handful of instructions.
  const variant = wasmShapes[Math.floor(index / every) % wasmShapes.length];
  const shapes = wasm && variant !== undefined ? [...steppedShapes, variant] : steppedShapes;
  const difference = await compare(program, shapes);
  if (difference === "skipped") skipped += 1;
  else if (difference !== null) {
    failures += 1;
    console.log(await failureReport(program, difference, shapes));
  }
  if ((index + 1) % 500 === 0) console.log(`${index + 1 - first} programs, ${failures} failed`);
}
console.log(`${programs} programs, ${failures} failed, ${skipped} left out as too long`);

const checks = Number(values.check);
let wrong = 0;
const began = performance.now();
const perSecond = (done: number): string => ((done * 1000) / (performance.now() - began)).toFixed(0);
const run = runCheckFuzz(`${values.seed}-check`, first, checks, (done, failure) => {
  if (failure !== null) {
    wrong += 1;
    console.log(checkFailureReport(failure.fuzz, failure.difference));
  }
  if (done % 500 === 0) console.log(`${done} check programs, ${wrong} failed, ${perSecond(done)} per second`);
});
const share = checks === 0 ? 0 : (100 * run.skipped) / checks;
console.log(
  `${checks} check programs, ${wrong} failed, ${run.skipped} left out as too long (${share.toFixed(2)} %), ` +
    `${run.executions} interleavings, ${perSecond(checks)} programs per second; programs with`,
);
for (const [feature, programs] of [...run.coverage].sort((a, b) => b[1] - a[1])) {
  console.log(`  ${String(programs).padStart(6)} ${feature}`);
}

for (const theme of ["areas", "gates"] as const) {
  const count = { failed: 0, skipped: 0, clean: 0, swapped: 0 };
  for (let index = first; index < first + Number(values.areas); index++) {
    const program = generateAreaProgram(`${values.seed}${index}`, theme);
    for (const model of ["sc", "tso"] as const) {
      const { difference, skipped, clean, swapped } = judgeAreas(program, model);
      count.skipped += Number(skipped);
      count.clean += Number(clean);
      count.swapped += Number(swapped);
      if (difference === null) continue;
      count.failed += 1;
      console.log(areaReport(program, model, difference));
    }
  }
  wrong += count.failed;
  console.log(
    `${values.areas} programs with ${theme}, each under both models: ${count.failed} failed, ${count.skipped} left out ` +
      `as too long, ${count.clean} without a breach, ${count.swapped} smaller by symmetry`,
  );
}
process.exitCode = failures + wrong > 0 ? 1 : 0;
