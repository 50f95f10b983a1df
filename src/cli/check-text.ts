/** What `refplay check` prints: a line per check, and each violation with its schedule. */
import pc from "picocolors";
import { breachText } from "../checks/explain.ts";
import type { CheckReport, ExplorerName, PreparedCheck } from "../checks/index.ts";
import type { Expectation } from "../checks/report-json.ts";
import { scheduleTable } from "../checks/table.ts";
import { wrap } from "../checks/wrap.ts";
import type { Replay } from "../engines/check/types.ts";
import { figure } from "../report/numbers.ts";
import type { CheckPlan, PlannedCheck, SkippedCheck } from "./check-plan.ts";
import { replayCommand } from "./check-replay-command.ts";

/** Columns of a terminal that everything keeps to. */
export const terminalWidth = 80;

/** Of each of the figures, and of all with spaces before them. */
const figureWidths = [6, 11, 5, 7] as const;
const figuresWidth = figureWidths.reduce((sum, width) => sum + 1 + width, 0);

/** The longest verdict, `premature-release`; the reason of a limit goes below it. */
const verdictWidth = 17;

/** A check that is over, with what its pictures need. */
export interface FinishedCheck {
  readonly item: PlannedCheck;
  readonly prepared: PreparedCheck;
  readonly report: CheckReport;
}

export interface TextOptions {
  readonly color: boolean;
  readonly allSteps: boolean;
  /** As in CliIo. */
  readonly command: string;
  readonly explorer: ExplorerName;
  /** Text of a line of a file as frames name it. */
  sourceLine(file: string, line: number): string | undefined;
}

/** Prints the lines of a plan one by one, each strategy under a heading of its own. */
export class CheckLines {
  private heading: string | undefined;
  private readonly programWidth: number;
  private readonly colors: ReturnType<typeof pc.createColors>;

  constructor(
    plan: CheckPlan,
    private readonly options: TextOptions,
  ) {
    const longest = Math.max(7, ...plan.items.map(({ program }) => program.name.length));
    // Longer names take from the place of the verdict, most of which is short.
    this.programWidth = Math.min(longest, terminalWidth - figuresWidth - verdictWidth - 7);
    this.colors = pc.createColors(options.color);
  }

  finished({ item, report }: FinishedCheck): string {
    const { result, verdict } = report;
    const figures = [
      figure(this.options.explorer === "states" ? result.states : result.executions, 0),
      figure(result.transitions, 0),
      figure(result.depth, 0),
      timeText(report.searchMs),
    ];
    const color = verdict === "pass" ? this.colors.green : this.colors.red;
    const line = this.columns(item.program.name, report.model, verdict, figures, color);
    const left = " ".repeat(this.programWidth + 7);
    const reason =
      verdict === "limit-exceeded" && result.limit !== undefined ? `${left}(${result.limit})\n` : "";
    return `${this.above(item)}${line}\n${reason}`;
  }

  /** All programs that one strategy is skipped in for one reason; there is at least one. */
  skipped(items: readonly SkippedCheck[]): string {
    const [first] = items;
    if (first === undefined) return "";
    const only = items.length === 1 ? first.program.name : `${items.length} programs`;
    const left = `  ${only.padEnd(this.programWidth)}     `;
    const lines = wrap(`skipped: ${first.reason}`, Math.max(20, terminalWidth - left.length));
    const text = lines.map((line, index) => `${index === 0 ? left : " ".repeat(left.length)}${line}\n`);
    return `${this.above(first)}${this.colors.dim(text.join(""))}`;
  }

  /** The strategy's name and what the columns are, where they change. */
  private above(item: PlannedCheck | SkippedCheck): string {
    const { strategy } = item;
    const name = strategy?.name ?? headingWithout(item);
    if (name === this.heading) return "";
    const first = this.heading === undefined;
    this.heading = name;
    const counted = this.options.explorer === "states" ? "states" : "runs";
    const head = this.columns("program", "", "verdict", [counted, "transitions", "depth", "time"]);
    const expected = strategy?.description.expect;
    const note = expected === undefined ? "" : `(expected: ${expectedText(expected)})`;
    const beside = name.length + 1 + note.length <= terminalWidth ? " " : "\n  ";
    const title = `${this.colors.bold(name)}${note === "" ? "" : `${beside}${note}`}`;
    return `${first ? "" : "\n"}${title}\n${this.colors.dim(head)}\n`;
  }

  /** Figures are below each other whatever is before them; a name that is too long for that has a line of its own. */
  private columns(
    program: string,
    model: string,
    verdict: string,
    figures: readonly string[],
    color: (text: string) => string = (text) => text,
  ): string {
    const left = (name: string): string => `  ${name.padEnd(this.programWidth)} ${model.padEnd(3)} `;
    const room = this.programWidth + 7 + verdictWidth;
    const right = figures.map((text, index) => ` ${text.padStart(figureWidths[index] ?? 0)}`).join("");
    const isTooLong = left(program).length + verdict.length > room;
    const before = isTooLong ? left("") : left(program);
    const gap = " ".repeat(room - before.length - verdict.length);
    return `${isTooLong ? `  ${program}\n` : ""}${before}${color(verdict)}${gap}${right}`;
  }
}

/** What programs stand under that need no strategy. */
function headingWithout(item: PlannedCheck | SkippedCheck): string {
  if (item.program.bug === undefined) return "without a strategy";
  return "broken" in item ? "kernel bugs, before their fixes" : "kernel bugs, after their fixes";
}

/** What a check must find, where strategy or program are deliberately broken. */
export function expectation({ strategy, program, broken }: PlannedCheck): Expectation | undefined {
  if (broken === undefined) {
    const expect = strategy?.description.expect;
    return expect?.program === "" || expect?.program === program.name ? expect : undefined;
  }
  return { verdict: broken.verdict, model: broken.model, program: program.name };
}

/** `premature-release in switch-vs-put under tso`. */
function expectedText(expect: Expectation): string {
  const where = expect.program === "" ? "" : ` in ${expect.program}`;
  return `${expect.verdict}${where} under ${expect.model}`;
}

/** `12 ms`, `1.4 s`, `2m05s`. */
export function timeText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/** A violation in full: heading, schedule, what broke, and the command that shows it again. */
export function violationText({ item, prepared, report }: FinishedCheck, options: TextOptions): string {
  const { finding } = report;
  if (finding === null) return "";
  return replayText(
    item,
    prepared,
    finding.replay,
    options,
    replayCommand(options.command, item, finding.schedule, terminalWidth),
  );
}

/** A schedule with its heading, whether or not it breaks a rule. */
export function replayText(
  item: PlannedCheck,
  prepared: PreparedCheck,
  replay: Replay,
  options: TextOptions,
  command?: readonly string[],
): string {
  const { color, allSteps, sourceLine } = options;
  const expected = expectation(item);
  const colors = pc.createColors(color);
  const actors = prepared.problem.actors.map(({ name }) => name);
  const of = item.strategy === null ? "" : `${item.strategy.name} in `;
  const bounds = Object.entries(prepared.bounds).map(([name, value]) => `${name}=${value}`);
  const size = bounds.length === 0 ? "" : ` (${bounds.join(", ")})`;
  const title = wrap(`${of}${item.program.name}, ${prepared.model}${size}`, terminalWidth).map(colors.bold);
  const below = breachText(replay, actors, {
    color,
    sourceLine,
    ...(command === undefined ? {} : { command }),
    ...(expected === undefined ? {} : { expected: expectedText(expected) }),
  });
  const end = replay.breach === null ? [noBreachText(replay)] : [below];
  const summary = wrap(`${item.program.title}${bugText(item)}`, terminalWidth)
    .map(colors.dim)
    .join("\n");
  const table = scheduleTable(replay, actors, {
    color,
    allSteps,
    width: terminalWidth,
    structs: prepared.problem.structs ?? prepared.stepped.structs,
  });
  return `${[...title, summary, "", table, ...end].join("\n")}\n`;
}

/** Behind the program's title: what is wrong in it, and of a kernel bug since when it no longer is. */
function bugText({ program, broken }: PlannedCheck): string {
  if (program.bug !== undefined) {
    const { commit, subject } = program.bug;
    return broken === undefined
      ? ` After ${commit} (${subject}).`
      : ` Before ${commit} (${subject}): ${broken.title}.`;
  }
  return broken === undefined ? "" : ` Deliberate bug ${broken.value}: ${broken.title}.`;
}

function noBreachText({ stuckAt, unfinished }: Replay): string {
  if (stuckAt >= 0) return `Step ${stuckAt + 1} of the schedule cannot happen there.`;
  return unfinished
    ? "The schedule ends before every actor is done; no rule is broken."
    : "No rule is broken.";
}
