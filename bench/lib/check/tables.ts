/** The parts of `npm run bench:check` as tables. */
import { plainTable } from "../table.ts";
import { brokenAimMs, litmusAimMs, sleepBlockedAim, spinRatioAim } from "./aims.ts";
import type { BrokenResult } from "./broken.ts";
import { type DporReport, shareOf } from "./dpor.ts";
import type { LitmusReport } from "./litmus.ts";
import { boundsText, type ReachResult } from "./reach.ts";
import type { SpinReport } from "./spin.ts";
import type { Times } from "./times.ts";

const count = (value: number): string => value.toLocaleString("en-US");
const percent = (value: number, digits = 0): string => `${(100 * value).toFixed(digits)} %`;
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const ms = (value: number): string =>
  Number.isNaN(value) ? "" : value < 10 ? value.toFixed(2) : value.toFixed(0);
const seconds = (value: number): string => (value / 1000).toFixed(2);
const met = (value: boolean): string => (value ? "ok" : "missed");
const spread = (times: Times | null): string => (times === null ? "" : percent(times.spread));

export function reachTable(results: readonly ReachResult[]): string {
  const head = [
    "x86-TSO, every state",
    "bounds",
    "states",
    "transitions",
    "passes",
    "s",
    "CPU s",
    "states/s",
    "MB search",
    "MB process",
    "verdict",
    "",
  ];
  const rows = results.map(({ row, program, strategy, bounds, promised, reached, search }) => {
    const name = `${row}: ${strategy ?? program}`;
    const end = promised ? met(reached) : reached ? "beyond" : "too far";
    if ("failed" in search) return [name, boundsText(bounds), ...Array(8).fill(""), search.failed, end];
    return [
      name,
      boundsText(bounds),
      count(search.states),
      count(search.transitions),
      String(search.passes),
      seconds(search.searchMs),
      seconds(search.cpuMs),
      count(Math.round((1000 * search.states) / search.searchMs)),
      megabytes(search.bytes),
      megabytes(search.rssBytes),
      search.limit === null ? search.verdict : `${search.verdict} (${search.limit})`,
      end,
    ];
  });
  return plainTable(head, rows);
}

export function brokenTable(results: readonly BrokenResult[]): string {
  const head = [
    `broken, aim ${brokenAimMs} ms`,
    "program",
    "model",
    "verdict",
    "ms cold",
    "ms warm",
    "spread",
    "states",
    "schedule",
    "",
  ];
  const rows = results.map((result) => {
    const { name, job, search } = result;
    if ("failed" in search)
      return [name, job.program, job.model, search.failed, "", "", "", "", "", "missed"];
    const verdict = result.caught ? search.verdict : `${search.verdict}, not ${result.verdict}`;
    return [
      name,
      job.program,
      job.model,
      verdict,
      ms(result.coldMs),
      result.warm === null ? "" : ms(result.warm.medianMs),
      spread(result.warm),
      count(search.states),
      search.scheduleSteps === null ? "" : `${search.scheduleSteps} steps`,
      met(result.caught && result.inTime),
    ];
  });
  return plainTable(head, rows);
}

export function litmusTable(report: LitmusReport): string {
  const head = [`${report.tests} litmus tests, SC and TSO`, "ms first", "ms again", "outcomes"];
  const rows = report.explorers.map(({ explorer, coldMs, againMs, right }) => [
    explorer,
    ms(coldMs),
    ms(againMs),
    right ? "as stated" : "WRONG",
  ]);
  const again = report.explorers.reduce((sum, { againMs }) => sum + againMs, 0);
  const fine = report.totalMs < litmusAimMs && report.explorers.every(({ right }) => right);
  rows.push([`all, aim ${litmusAimMs} ms`, ms(report.totalMs), ms(again), met(fine)]);
  return `${plainTable(head, rows)}\nlinking them took ${ms(report.linkMs)} ms`;
}

export function dporTable(report: DporReport): string {
  const head = ["DPOR", "strategy", "model", "executions", "given up", "share", "s", "verdict"];
  const rows = report.results.map(({ program, strategy, model, search }) => {
    const name = [program, strategy ?? "", model];
    if ("failed" in search) return [...name, "", "", "", "", search.failed];
    return [
      ...name,
      count(search.executions),
      count(search.sleepBlocked),
      percent(shareOf(search), 2),
      seconds(search.searchMs),
      search.limit === null ? search.verdict : `${search.verdict} (${search.limit})`,
    ];
  });
  const total = `given up, all programs together: ${percent(report.sleepBlockedShare, 2)} (aim ${percent(sleepBlockedAim)}, ${met(report.sleepBlockedShare <= sleepBlockedAim)}), at most ${percent(report.largestShare, 2)} of one program's`;
  return `${plainTable(head, rows)}\n${total}`;
}

export function spinTable(report: SpinReport): string {
  const head = [
    "sequential consistency",
    "bounds",
    "our states",
    "SPIN's",
    "ours s",
    "spread",
    "cold s",
    "SPIN s",
    "spread",
    "ratio",
    "ratio of CPU time",
  ];
  const rows = report.comparisons.map(({ program, bounds, ours, spin }) => [
    program,
    boundsText(bounds),
    count(ours.states),
    count(spin.states),
    seconds(ours.warm.medianMs),
    spread(ours.warm),
    seconds(ours.coldMs),
    seconds(spin.warm.medianMs),
    spread(spin.warm),
    (ours.warm.medianMs / spin.warm.medianMs).toFixed(2),
    (ours.cpu.medianMs / spin.cpu.medianMs).toFixed(2),
  ]);
  const total = `total time, ours over SPIN's: ${report.totalRatio.toFixed(2)} warmed, ${report.coldTotalRatio.toFixed(2)} cold (aim ${spinRatioAim}, ${met(report.totalRatio <= spinRatioAim)}), ${report.cpuRatio.toFixed(2)} in CPU time; geometric mean of the ratios ${report.meanRatio.toFixed(2)}`;
  return `${report.spin}\n${plainTable(head, rows)}\n${total}`;
}
