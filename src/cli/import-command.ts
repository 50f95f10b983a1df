/** `refplay import`: what a recorded trace turns into, what was left out of it, and a config that replays it. */
import { writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { readTraceFile } from "../config/load.ts";
import { RefplayError } from "../errors.ts";
import { plural, whole } from "../report/numbers.ts";
import {
  disassemble,
  findWorkload,
  formatSkip,
  type ImportedTrace,
  importTrace,
  type Workload,
} from "../workloads/index.ts";
import { type CliIo, exitStatus, hint } from "./io.ts";
import { textColumns } from "./text-columns.ts";

export interface ImportFlags {
  readonly json?: boolean;
  /** Print the script of one CPU instead of the summary. */
  readonly script?: boolean;
  /** Where to write a config that replays the trace. */
  readonly out?: string;
}

/** Returns the exit status; throws RefplayError where the file is no trace or `out` cannot be written. */
export function importCommand(path: string, flags: ImportFlags, io: CliIo): number {
  const file = resolve(io.workingFolder, path);
  const text = readTraceFile(file, path);
  const trace = importTrace(text, path);
  const workload = replayOnce(path, text);
  if (flags.out !== undefined) writeConfig(resolve(io.workingFolder, flags.out), flags.out, file);

  if (flags.script) io.stdout(`${disassemble(workload.scripts[0] as Int32Array)}\n`);
  else if (flags.json) io.stdout(`${JSON.stringify(summaryData(trace, workload), null, 2)}\n`);
  else io.stdout(summaryText(path, trace, workload));
  if (flags.out !== undefined) hint(io, `Replay it with: ${io.command} run ${flags.out}\n`, false);
  return exitStatus.fine;
}

/** The replay on one CPU with default parameters. */
function replayOnce(path: string, text: string): Workload {
  const strace = findWorkload("strace");
  if (strace === undefined) throw new Error("no workload replays traces");
  const parameters = strace.parameters.parse({ trace: path });
  return strace.build(parameters, { cpus: 1, seed: "import", readTrace: () => ({ text, file: path }) });
}

function summaryData(trace: ImportedTrace, workload: Workload): unknown {
  const { processes, programs, opens, failedOpens, pseudoFiles, channels, requestsBy, skips } = trace;
  const openAtCut = Object.fromEntries(trace.openAtCut);
  const ignored = Object.fromEntries(trace.harmless);
  const { expected, population } = workload;
  const imported = { processes, programs, opens, failedOpens, pseudoFiles, channels, requestsBy, openAtCut };
  return { ...imported, ignored, skips, replay: { expected, population } };
}

function summaryText(path: string, trace: ImportedTrace, workload: Workload): string {
  const { expected } = workload;
  const { requestsBy } = trace;
  const ignoredCalls = [...trace.harmless.values()].reduce((sum, count) => sum + count, 0);
  const facts: [string, string][] = [
    ["processes", `${whole(trace.processes)} (${trace.programs.join(", ") || "no exec in the trace"})`],
    [
      "opens",
      `${whole(trace.opens)} found their file, ${whole(trace.failedOpens)} failed (they take no reference)`,
    ],
    [
      "requests",
      `${whole(expected.requests)} (${requestsBy === "answers" ? "answers on accepted connections" : "one per open"})`,
    ],
    ["pauses", `${(expected.thinkNs / 1e6).toFixed(1)} ms, each cut to maxPauseUs`],
    ["open at the end", plural(expected.openAtCut, "descriptor")],
    ["without effect", `${plural(ignoredCalls, "call")} of ${plural(trace.harmless.size, "kind")}`],
  ];
  const events = Object.entries(eventCounts(workload)).filter(([, count]) => count > 0);
  const counts = events.map(([name, count]): [string, string] => [name, whole(count)]);
  const skipped = trace.skips.map((group) => `  ${formatSkip(group)}\n`).join("");
  return [
    `${path}\n\n${textColumns(facts)}`,
    `Events of one replay:\n${textColumns(counts, 2)}`,
    skipped === "" ? "Nothing was skipped.\n" : `Skipped:\n${skipped}`,
  ].join("\n");
}

function eventCounts(workload: Workload): Record<string, number> {
  const {
    requests,
    thinkNs,
    stallNs: _stallNs,
    failedOpens,
    openAtCut,
    records,
    ...events
  } = workload.expected;
  return { ...events, requests };
}

function writeConfig(path: string, shown: string, trace: string): void {
  const place = relative(dirname(path), trace);
  const config = stringify({ scenario: "strace", workload: { trace: place } });
  try {
    writeFileSync(
      path,
      `# Replays a recorded trace; \`refplay run --print-config\` explains every field.\n${config}`,
      {
        flag: "wx",
      },
    );
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = exists ? "it is there already" : (error as Error).message;
    throw new RefplayError("config-unwritable", `cannot write \`${shown}\`: ${why}`, { cause: error });
  }
}
