/** What a reader must not miss, below the tables: faults, cut names, options, notes, and why a run ended early. */
import { type Cell, isComplete, type ResultsRecord } from "../results/schema.ts";
import { type Colors, type Layout, shortName, tableWidth } from "./layout.ts";
import { plural, whole } from "./numbers.ts";
import { wrapped } from "./wrapped.ts";

/** One paragraph each, within the terminal's width; none where there is nothing to say. */
export function remarkLines(results: ResultsRecord, layout: Layout, colors: Colors): string[] {
  const remarks = [
    ...faultLines(results, colors),
    ...noteworthy(results, layout),
    ...endLines(results, colors),
  ];
  // Those that are broken already keep their indentation.
  return remarks.map((text) => (text.includes("\n") ? text : wrapped(text, "  ", tableWidth)));
}

/** Broken rules and leaks, cell by cell. */
export function faultLines({ cells }: ResultsRecord, colors: Colors): string[] {
  return cells.flatMap((cell) => {
    const value = cell.varied === undefined ? "" : ` ${cell.varied.value}`;
    const name = `${cell.strategy}${value}, ${plural(cell.cpus, "CPU")}`;
    const leaked = `${name}: leaked ${whole(cell.leaked)}${byName(cell.leakedByKind)}`;
    const violations = `${name}: ${plural(cell.violations, "violation")}${byName(cell.violationsByVerdict)}`;
    return [
      ...(cell.leaked > 0 ? [colors.red(leaked)] : []),
      ...(cell.violations > 0 ? [colors.red(violations)] : []),
    ];
  });
}

/** What is no fault: cut names, options, what was refused or left open, notes, assumptions. */
export function noteworthy({ cells }: ResultsRecord, { nameWidth }: Pick<Layout, "nameWidth">): string[] {
  const long = new Set(cells.map((cell) => cell.strategy).filter((name) => name.length > nameWidth));
  return [
    ...[...long].map((name) => `${shortName(name, nameWidth)} is ${name}`),
    ...optionLines(cells),
    ...openLines(cells),
    ...noteLines(cells.map(refusals)),
    ...noteLines(cells.map(({ id, notes, strategy }) => ({ id, strategy, text: notes }))),
    ...assumptionLines(cells),
  ];
}

/** Why a record has not all of its cells. */
export function endLines(results: ResultsRecord, colors: Colors): string[] {
  const { cells, planned, failure } = results;
  const missing = `Not finished: ${cells.length} of ${plural(planned.length, "cell")}.`;
  return [
    ...(isComplete(results) ? [] : [colors.yellow(missing)]),
    ...(failure === undefined ? [] : [colors.red(`Stopped at ${failure.cell}: ${failure.message}`)]),
  ];
}

function byName(counts: Readonly<Record<string, number>> | undefined): string {
  const entries = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return entries.length === 0
    ? ""
    : ` (${entries.map(([name, count]) => `${name} ${whole(count)}`).join(", ")})`;
}

/** Descriptors open at the end, said once per number of CPUs: they come from the script, and from when a run's time was up. */
function openLines(cells: readonly Cell[]): string[] {
  const counts = new Map<number, number[]>();
  for (const { cpus, openAtEnd } of cells) {
    if (openAtEnd > 0) counts.set(cpus, [...(counts.get(cpus) ?? []), openAtEnd]);
  }
  const all = [...counts].map(([cpus, open]) => {
    const [least, most] = [Math.min(...open), Math.max(...open)];
    const range = least === most ? whole(most) : `${whole(least)} to ${whole(most)}`;
    return { cpus, text: range, thing: most === 1 ? "descriptor" : "descriptors" };
  });
  if (all.length <= 2) {
    return all.map(
      ({ cpus, text, thing }) =>
        `${plural(cpus, "CPU")}: ${text} ${thing} still open at the end of the script (not leaked)`,
    );
  }
  const each = all.map(({ cpus, text }) => `${text} on ${plural(cpus, "CPU")}`).join(", ");
  return [wrapped(`Descriptors still open at the end of the script (not leaked): ${each}`, "  ")];
}

/** Events of policy that the kernel refused: no fault. Where steps are told one by one, they say so themselves. */
function refusals({ id, policyErrors, policySteps, strategy }: Cell): Noted {
  const counts = Object.entries(policySteps === undefined ? (policyErrors ?? {}) : {});
  const text = counts.map(([name, count]) => `${name} ${whole(count)}`).join(", ");
  return { id, strategy, text: text === "" ? [] : [`policy events refused: ${text}`] };
}

/** Notes that all cells share are said once; the others with the cells that have them, or with their strategies. */
function noteLines(cells: readonly Noted[]): string[] {
  const kinds = new Map<string, Map<string, Noted[]>>();
  for (const cell of cells) {
    for (const note of cell.text) {
      const kind = note.replace(looseNumber, "#");
      const alike = kinds.get(kind) ?? new Map<string, Noted[]>();
      kinds.set(kind, alike.set(note, [...(alike.get(note) ?? []), cell]));
    }
  }
  return [...kinds.values()].flatMap((alike) => {
    const merged = mergedNote([...alike.keys()]);
    return merged === undefined
      ? [...alike].map(([note, of]) => noteLine(note, of, cells))
      : [noteLine(merged, [...new Set([...alike.values()].flat())], cells)];
  });
}

function noteLine(note: string, of: readonly Noted[], all: readonly Noted[]): string {
  return of.length === all.length ? `Note: ${note}` : `Note (${namesOf(of, all).join(", ")}): ${note}`;
}

/** A number that stands alone: versions and names are no figures. */
const looseNumber = /(?<=^|\s)\d[\d,]*(\.\d+)?(?=\s|$)/g;

/** Several notes that differ in one number as one, with its least and most; undefined for others, and for one alone. */
function mergedNote([first = "", ...others]: readonly string[]): string | undefined {
  const numbers = [first, ...others].map((note) => note.match(looseNumber) ?? []);
  const places = (numbers[0] ?? []).flatMap((number, place) =>
    numbers.some((of) => of[place] !== number) ? [place] : [],
  );
  const [differing] = places;
  if (differing === undefined || places.length > 1) return undefined;
  const amountOf = (text: string): number => Number(text.replaceAll(",", ""));
  const sorted = numbers
    .map((of) => of[differing] ?? "")
    .sort((one, other) => amountOf(one) - amountOf(other));
  let place = 0;
  return first.replace(looseNumber, (number) =>
    place++ === differing ? `${sorted[0]} to ${sorted.at(-1)}` : number,
  );
}

interface Noted {
  readonly id: string;
  readonly strategy: string;
  readonly text: readonly string[];
}

/** Ids; of a strategy all of whose cells are meant, its name. */
function namesOf(some: readonly Noted[], all: readonly Noted[]): string[] {
  const strategies = [...new Set(some.map(({ strategy }) => strategy))];
  return strategies.flatMap((strategy) => {
    const own = some.filter((cell) => cell.strategy === strategy);
    const whole = own.length > 1 && own.length === all.filter((cell) => cell.strategy === strategy).length;
    return whole ? [strategy] : own.map(({ id }) => id);
  });
}

/** What predictions rest on, with the CPU counts that it is said of where it is not all. */
function assumptionLines(cells: readonly Cell[]): string[] {
  const simulated = cells.filter(({ assumptions }) => assumptions !== undefined);
  const texts = new Set(simulated.flatMap(({ assumptions }) => assumptions ?? []));
  const counts = (of: readonly Cell[]) => [...new Set(of.map(({ cpus }) => cpus))];
  return [...texts].map((text) => {
    const of = counts(simulated.filter(({ assumptions }) => assumptions?.includes(text)));
    const where = of.length === counts(simulated).length ? "" : ` (${of.join(", ")} CPUs)`;
    return wrapped(`Assumption${where}: ${text}`, "  ");
  });
}

/** Options in which the choices of one strategy differ, for each choice. */
function optionLines(cells: readonly Cell[]): string[] {
  const choices = new Map(cells.map((cell) => [cell.strategy, cell.strategyOptions]));
  return [...choices].flatMap(([name, options]) => {
    const alike = [...choices].filter(([other]) => strategyOf(other) === strategyOf(name));
    const differing = Object.entries(options).filter(([option, value]) =>
      alike.some(([, others]) => others[option] !== value),
    );
    const text = differing.map(([option, value]) => `${option} ${value}`).join(", ");
    return text === "" ? [] : [`${name}: ${text}`];
  });
}

function strategyOf(choice: string): string {
  return choice.replace(/#\d+$/, "");
}
