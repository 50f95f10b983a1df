/**
 * A schedule as a table that fits a terminal: one column per actor, one row per step. Rendering only; what it shows is in
 * the replay.
 */
import pc from "picocolors";
import type { Replay, ReplayStep } from "../engines/check/types.ts";
import type { IrStruct } from "../link/ir.ts";
import { Op } from "../machine/ops.ts";
import { plainTable } from "../report/plain-table.ts";
import { foldSteps, type StepRun } from "./fold.ts";
import { bufferText, marksText, namesIn, operationText, placeText } from "./step-text.ts";
import { wrap } from "./wrap.ts";

export interface TableOptions {
  /** Characters per line; 80 unless given. */
  readonly width?: number;
  readonly color?: boolean;
  /** Shows operations on private cells one by one instead of folding long runs of them. */
  readonly allSteps?: boolean;
  /** The program's structs, which name the objects that pointers point to. */
  readonly structs?: readonly IrStruct[];
}

/** A row before it is laid out. */
interface Row {
  readonly number: string;
  readonly actor: number;
  readonly text: string;
  /** Source line, `kref.ts:41`. */
  readonly place: string;
  /** Below the operation: store buffer and marks. */
  readonly notes: readonly string[];
  readonly broken?: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

/** Spaces between columns. */
const gap = 1;
/** Actors whose column would be narrower share one column of text; a dot tells whose row it is. */
const narrowest = 14;
/** Columns of text that take more than so many times the lines give way to lanes, too. */
const mostWrapping = 1.6;
/** From so many columns on a long store buffer is cut short. */
const manyActors = 4;

/**
 * The table, ending without a newline. Columns are the actors that do anything in the schedule, named with their number in
 * the schedule string.
 * @param actors names by number
 */
export function scheduleTable(replay: Replay, actors: readonly string[], options: TableOptions = {}): string {
  const width = options.width ?? 80;
  const colors = pc.createColors(options.color ?? false);
  const acting = actors.map((_, index) => index).filter((actor) => acts(replay, actor));
  const rows = rowsOf(replay, acting.length >= manyActors, options);
  const numbers = Math.max(1, ...rows.map(({ number }) => number.length)) + gap;
  const places = Math.max(0, ...rows.map(({ place }) => place.length)) + gap;
  const inside = Math.floor((width - numbers) / Math.max(1, acting.length));
  const beside = Math.floor((width - numbers - places) / Math.max(1, acting.length));
  const sheet = { rows, acting, actors, colors, numbers, width };
  const narrow = lanes(sheet, places);
  const most = lineCount(narrow) * mostWrapping;
  const tables: string[] = [];
  if (inside > narrowest) tables.push(columns(sheet, inside, 0));
  if (beside > narrowest) tables.push(columns(sheet, beside, places));
  // The one with fewer lines; a column of its own for source lines where both have as many.
  return tables
    .filter((table) => lineCount(table) <= most)
    .reduce((best, table) => (best === narrow || lineCount(table) <= lineCount(best) ? table : best), narrow);
}

function acts(replay: Replay, actor: number): boolean {
  return replay.breach?.actor === actor || replay.steps.some((step) => step.actor === actor);
}

function rowsOf(replay: Replay, short: boolean, options: TableOptions): Row[] {
  const nameOf = namesIn(replay, options.structs);
  const runs: readonly StepRun[] = options.allSteps
    ? replay.steps.map((_, first) => ({ first, count: 1, folded: false }))
    : foldSteps(replay);
  const buffers = new Map<number, string>();
  const rows = runs.map(({ first, count, folded }): Row => {
    const step = replay.steps[first] as ReplayStep;
    const { actor } = step;
    if (folded) {
      const text = `… ${count} private operations`;
      return { number: `${first + 1}-${first + count}`, actor, text, place: "", notes: [] };
    }
    const frame = step.chain.at(-1);
    const buffer = bufferText(step.buffer, nameOf, short);
    const same = buffer === buffers.get(actor) && step.buffer.length > 1;
    buffers.set(actor, buffer);
    const notes = [
      same ? "buf: as before" : buffer,
      ...marksText(step.marks, nameOf).map((mark) => `• ${mark}`),
    ];
    return {
      number: String(first + 1),
      actor,
      text: `${operationText(step, nameOf)}${half(replay.steps, first)}`,
      place: placeText(frame),
      notes: notes.filter((note) => note !== ""),
    };
  });
  // What broke the rule is the last step, except for what shows only at the end.
  const last = rows.pop();
  if (last === undefined) return rows;
  const broken = { ...last, broken: replay.breach !== null && replay.breach.actor === last.actor };
  const { round } = replay;
  if (round === undefined) return [...rows, broken];
  const which = round.length === 1 ? "the last step" : `the last ${round.length} steps`;
  const again = { number: "…", actor: last.actor, text: `${which} again and again`, place: "", notes: [] };
  return [...rows, broken, again];
}

/** synchronizeRcu takes two steps of its actor. */
function half(steps: readonly ReplayStep[], index: number): string {
  const step = steps[index] as ReplayStep;
  if (step.op !== Op.synchronizeRcu || step.kind !== "step") return "";
  const before = steps.slice(0, index).filter(({ actor, op }) => actor === step.actor && op === step.op);
  return before.length % 2 === 0 ? " begins" : " ends";
}

interface Sheet {
  readonly rows: readonly Row[];
  /** Actors with a column, ascending. */
  readonly acting: readonly number[];
  readonly actors: readonly string[];
  readonly colors: Colors;
  /** Width of the column of step numbers. */
  readonly numbers: number;
  readonly width: number;
}

/** One column of text per actor. With `places`, source lines have a column of that width; else they follow the operation. */
function columns(sheet: Sheet, wide: number, places: number): string {
  const { rows, acting, actors, colors } = sheet;
  const head = acting.map((actor) => paint(wrap(actorText(actor, actors), wide - gap), colors.bold));
  const table = [["", ...(places > 0 ? [""] : []), ...head]];
  for (const row of rows) {
    const text = places > 0 || row.place === "" ? row.text : `${row.text} ${row.place}`;
    const cell = paintRow(row, text, wide - gap, colors);
    const place = places > 0 ? [colors.dim(row.place)] : [];
    table.push([
      numberText(row, colors),
      ...place,
      ...acting.map((actor) => (actor === row.actor ? cell : "")),
    ]);
  }
  return plainTable(table, gap, () => "left");
}

/** A dot in the actor's lane and one wide column of text: for more actors than columns of text fit. */
function lanes(sheet: Sheet, places: number): string {
  const { rows, acting, actors, colors, numbers, width } = sheet;
  const left = acting.reduce((sum, actor) => sum + String(actor).length + gap, numbers);
  const wide = Math.max(narrowest, width - left - places);
  const names = acting.map((actor) => actorText(actor, actors)).join(", ");
  const table = [["", ...acting.map((actor) => colors.bold(String(actor))), "", ""]];
  for (const row of rows) {
    const dots = acting.map((actor) => (actor === row.actor ? "●" : ""));
    table.push([
      numberText(row, colors),
      ...dots,
      colors.dim(row.place),
      paintRow(row, row.text, wide - gap, colors),
    ]);
  }
  return [...wrap(names, width), plainTable(table, gap, () => "left")].join("\n");
}

function actorText(actor: number, actors: readonly string[]): string {
  return `${actor} ${actors[actor] ?? "actor"}`;
}

function numberText({ number, broken }: Row, colors: Colors): string {
  return broken ? colors.red(number) : colors.dim(number);
}

function paintRow(row: Row, text: string, width: number, colors: Colors): string {
  const lines = wrap(text, width, " ").map(row.broken ? colors.red : String);
  // A note goes on the last line where it fits.
  let room = width - (wrap(text, width, " ").at(-1)?.length ?? 0);
  for (const note of row.notes) {
    const last = lines.length - 1;
    if (note.length + 2 <= room) {
      lines[last] = `${lines[last]}  ${colors.cyan(note)}`;
      room -= note.length + 2;
      continue;
    }
    const wrapped = wrap(note, width, " ");
    lines.push(...wrapped.map(colors.cyan));
    room = width - (wrapped.at(-1)?.length ?? 0);
  }
  return lines.join("\n");
}

function paint(lines: readonly string[], color: (text: string) => string): string {
  return lines.map(color).join("\n");
}

function lineCount(text: string): number {
  return text.split("\n").length;
}
