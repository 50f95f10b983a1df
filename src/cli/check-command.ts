/** `refplay check`: every interleaving of small programs over strategies, and the schedule of each violation. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { PreparedCheck } from "../checks/index.ts";
import {
  type CheckDocument,
  checkDocumentVersion,
  checkedEntry,
  replayEntry,
} from "../checks/report-json.ts";
import { formatSchedule, parseSchedule } from "../engines/check/schedule-string.ts";
import { RefplayError } from "../errors.ts";
import { plural } from "../report/numbers.ts";
import { findingsText } from "./check-findings.ts";
import {
  type CheckFlags,
  type CheckRequest,
  checkListFlags,
  readCheckFlags,
  readScheduleArgument,
} from "./check-options.ts";
import { type CheckPlan, isSkipped, type PlannedCheck, planChecks } from "./check-plan.ts";
import { checkProgressView } from "./check-progress.ts";
import { CheckLines, expectation, type FinishedCheck, replayText, type TextOptions } from "./check-text.ts";
import { type CliIo, type CliServices, exitStatus } from "./io.ts";
import { listCheckPrograms } from "./list-command.ts";

/**
 * Returns the exit status: 0 all pass, 1 a verdict, a limit or a replay that stops before its end, 130 interrupted. Throws RefplayErrors for everything wrong
 * that is found in arguments, strategy sources or a schedule.
 */
export async function checkCommand(
  strategies: readonly string[],
  flags: CheckFlags,
  io: CliIo,
  services: CliServices,
): Promise<number> {
  if (flags.list) {
    checkListFlags(flags);
    return listCheckPrograms(flags.json === true, io, services, {
      strategies,
      programs: flags.program ?? [],
    });
  }
  const request = readCheckFlags(flags, io.memoryBytes);
  const besideFix = flags.replay === undefined;
  const plan = planChecks({ ...request, strategies, programs: flags.program ?? [], besideFix }, io, services);
  const text: TextOptions = {
    color: io.color,
    command: io.command,
    allSteps: flags.allSteps === true,
    explorer: request.explorer,
    sourceLine: sourceLines(io.workingFolder),
  };
  if (flags.replay !== undefined) return replay(flags.replay, plan, text, flags, io, services);
  return search(plan, request, text, flags, io, services);
}

async function search(
  plan: CheckPlan,
  request: CheckRequest,
  text: TextOptions,
  flags: CheckFlags,
  io: CliIo,
  services: CliServices,
): Promise<number> {
  linkEachStrategyOnce(plan, services);
  const abort = new AbortController();
  const stopListening = io.onInterrupt(() => abort.abort(new Error("interrupted")));
  const lines = new CheckLines(plan, text);
  const total = plan.items.filter((item) => !isSkipped(item)).length;
  const view = checkProgressView(flags.quiet ? undefined : io.terminal, total, request.explorer);
  const finished: FinishedCheck[] = [];
  try {
    for (const item of plan.items) {
      if (abort.signal.aborted) break;
      if (isSkipped(item)) {
        // One line for all programs that a strategy is skipped in for the same reason, where the first of them stands.
        const same = plan.items
          .filter(isSkipped)
          .filter((one) => one.strategy === item.strategy && one.reason === item.reason);
        if (!flags.json && same[0] === item) io.stdout(lines.skipped(same));
        continue;
      }
      view.begin(finished.length, item.program.name);
      const done = await check(item, request, abort.signal, view.show, services).finally(view.end);
      finished.push(done);
      if (!flags.json) io.stdout(lines.finished(done));
    }
  } finally {
    view.end();
    stopListening();
    // What is found is told even where a later check could not be made.
    if (flags.json) io.stdout(documentText(plan, finished, abort.signal.aborted, text, services));
    else {
      const allFindings = flags.allFindings === true;
      io.stdout(findingsText(finished, { ...text, allFindings, searchWords: searchWords(flags) }));
    }
  }
  if (abort.signal.aborted) {
    const whole = finished.filter(({ report }) => report.result.limit !== "interrupted").length;
    io.stderr(`Stopped. ${whole} of ${plural(total, "check")} came to an end.\n`);
    return exitStatus.interrupted;
  }
  return finished.every(({ report }) => report.verdict === "pass") ? exitStatus.fine : exitStatus.failed;
}

/** Options that decide how a check is searched, as they were given. */
function searchWords({ explorer, memory }: CheckFlags): string[] {
  return [
    ...(explorer === undefined || explorer === "states" ? [] : [`--explorer ${explorer}`]),
    ...(memory === undefined ? [] : [`--memory ${memory}`]),
  ];
}

/** So that a mistake in a strategy's source is told before anything is searched. */
function linkEachStrategyOnce(plan: CheckPlan, services: CliServices): void {
  const linked = new Set<string>();
  for (const item of plan.items) {
    if (isSkipped(item) || item.strategy === null || linked.has(item.strategy.path)) continue;
    linked.add(item.strategy.path);
    prepare(item, services);
  }
}

function prepare(item: PlannedCheck, services: CliServices): PreparedCheck {
  const { strategy, program, model, bounds, broken } = item;
  const choice = strategy === null ? null : { path: strategy.path };
  const options = broken === undefined ? {} : { options: { broken: broken.value } };
  return services.checks.prepare(program, choice, { model, bounds, ...options });
}

async function check(
  item: PlannedCheck,
  request: CheckRequest,
  signal: AbortSignal,
  onProgress: Parameters<CliServices["checks"]["run"]>[1]["onProgress"],
  services: CliServices,
): Promise<FinishedCheck> {
  const prepared = prepare(item, services);
  try {
    const report = await services.checks.run(prepared, {
      explorer: request.explorer,
      ...(request.memoryBytes === undefined ? {} : { memoryBytes: request.memoryBytes }),
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    return { item, prepared, report };
  } catch (error) {
    if (!(error instanceof RefplayError)) throw error;
    const { strategy, program, model } = item;
    const what = `${strategy === null ? "" : `${strategy.name} in `}${program.name} (${model})`;
    throw new RefplayError(error.code, `${what}: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.location === undefined ? {} : { location: error.location }),
    });
  }
}

function documentText(
  plan: CheckPlan,
  finished: readonly FinishedCheck[],
  interrupted: boolean,
  { explorer }: TextOptions,
  services: CliServices,
): string {
  const reports = plan.items.flatMap((item): CheckDocument["reports"] => {
    const { strategy, program } = item;
    if (isSkipped(item)) {
      const { reason } = item;
      return [{ kind: "skipped", strategy: strategy?.name ?? null, program: program.name, reason }];
    }
    const done = finished.find((one) => one.item === item);
    if (done === undefined) return [];
    const actors = done.prepared.problem.actors.map(({ name }) => name);
    return [
      checkedEntry(done.report, actors, { explorer, expected: expectation(item), broken: item.broken }),
    ];
  });
  return jsonText({ version: checkDocumentVersion, refplay: services.version, interrupted, reports });
}

function jsonText(document: CheckDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function replay(
  given: string,
  plan: CheckPlan,
  text: TextOptions,
  flags: CheckFlags,
  io: CliIo,
  services: CliServices,
): number {
  const [item, another] = plan.items.filter((one) => !isSkipped(one));
  if (item === undefined || isSkipped(item) || another !== undefined) {
    const what = "a schedule is of one strategy, one program and one model";
    throw new RefplayError("replay-of-several", `--replay needs exactly one check: ${what}`, {
      hint: `Name them: ${io.command} check kref --program <name> --model tso --replay <schedule>.`,
    });
  }
  const schedule = readScheduleArgument(given, io.workingFolder);
  const prepared = prepare(item, services);
  const replay = services.checks.replay(prepared, schedule);
  const actors = prepared.problem.actors.map(({ name }) => name);
  if (flags.json) {
    const { program, model, bounds } = prepared;
    const entry = replayEntry(replay, schedule, actors);
    io.stdout(
      jsonText({
        version: checkDocumentVersion,
        refplay: services.version,
        interrupted: false,
        reports: [
          {
            kind: "replayed",
            strategy: item.strategy?.name ?? null,
            program: program.name,
            model,
            bounds: { ...bounds },
            replay: entry,
          },
        ],
      }),
    );
  } else {
    io.stdout(replayText(item, prepared, replay, text));
  }
  if (replay.stuckAt >= 0) {
    const word = formatSchedule(parseSchedule(schedule).slice(replay.stuckAt, replay.stuckAt + 1));
    const message = `step ${replay.stuckAt + 1} of the schedule, '${word}', cannot happen there`;
    throw new RefplayError("bad-schedule", message, {
      hint: "The schedule is of another strategy, program, model or bound, or the source has changed since.",
    });
  }
  // A schedule that stops half-way says nothing about the rest: in CI it must not look like a pass.
  return replay.breach === null && !replay.unfinished ? exitStatus.fine : exitStatus.failed;
}

/** Lines of source files by the names that reports show: relative ones start from the working folder. */
function sourceLines(workingFolder: string): (file: string, line: number) => string | undefined {
  const texts = new Map<string, readonly string[]>();
  return (file, line) => {
    let text = texts.get(file);
    if (text === undefined) {
      try {
        text = readFileSync(resolve(workingFolder, file), "utf8").split("\n");
      } catch {
        // The quotation is an extra; the place is told anyway.
        text = [];
      }
      texts.set(file, text);
    }
    return text[line - 1];
  };
}
