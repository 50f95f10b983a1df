/**
 * The process in which searches run, so that one cannot spoil another: neither by its memory nor by what the compiler learnt
 * about code that both share. Runs one job after the other; the same job again is a warmed one.
 */
import type { PreparedCheck } from "../../../src/checks/index.ts";
import { nodeHost } from "../../../src/link/node-host.ts";
import type { SearchAnswer, SearchJob, SearchMessage } from "./job.ts";
import { shippedChecks } from "./shipped.ts";

const { checkPrograms, prepareCheck, runCheck } = await shippedChecks();

const prepared = new Map<string, PreparedCheck>();

function prepare(job: SearchJob): PreparedCheck {
  const { program: name, strategy, model, bounds, options = {} } = job;
  const key = JSON.stringify([name, strategy, model, bounds, options]);
  let known = prepared.get(key);
  if (known === undefined) {
    const program = checkPrograms.find((candidate) => candidate.name === name);
    if (program === undefined) throw new Error(`the catalogue has no program ${name}`);
    const choice = strategy === null ? null : { path: strategy };
    known = prepareCheck(program, choice, { model, bounds, options }, nodeHost());
    prepared.set(key, known);
  }
  return known;
}

async function search(job: SearchJob): Promise<SearchAnswer> {
  const check = prepare(job);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), job.limitS * 1000);
  let bytes = 0;
  const { explorer, memoryBytes } = job;
  const cpuAtStart = process.cpuUsage();
  const report = await runCheck(check, {
    explorer,
    memoryBytes,
    signal: stop.signal,
    onProgress: (progress) => {
      bytes = Math.max(bytes, progress.bytes);
    },
  });
  clearTimeout(timer);
  const cpu = process.cpuUsage(cpuAtStart);
  const { result, finding, verdict, searchMs } = report;
  return {
    verdict,
    limit: result.limit ?? null,
    states: result.states,
    transitions: result.transitions,
    executions: result.executions,
    sleepBlocked: result.sleepBlocked,
    passes: result.passes,
    depth: result.depth,
    searchMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    bytes,
    rssBytes: process.resourceUsage().maxRSS * 1024,
    scheduleSteps: finding?.replay.steps.length ?? null,
  };
}

function reply(message: SearchMessage): void {
  process.send?.(message);
}

process.on("message", (job) => {
  search(job as SearchJob).then(
    (answer) => reply({ answer }),
    (error: unknown) => {
      const { code = "search-failed", message = String(error) } = error as {
        code?: string;
        message?: string;
      };
      reply({ failed: { code, message } });
    },
  );
});

// The benchmark is gone: nobody waits for the answer.
process.on("disconnect", () => process.exit());
