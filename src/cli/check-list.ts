/** `refplay check --list`: the programs that there are. */
import type { CheckProgram } from "../checks/index.ts";
import type { CheckedStrategy } from "./check-plan.ts";
import type { CheckServices } from "./check-services.ts";
import { textColumns } from "./text-columns.ts";

/** A program as `--list --json` prints it. */
export interface ListedProgram {
  readonly name: string;
  readonly title: string;
  readonly kind: CheckProgram["kind"];
  /** Of kernel bugs: the commit that fixed it. */
  readonly bug?: NonNullable<CheckProgram["bug"]>;
  readonly bounds: CheckProgram["bounds"];
  /** Names of the built-in strategies that it applies to; null: it needs no strategy. */
  readonly strategies: readonly string[] | null;
  /** Deliberate bugs that `--broken` plants. */
  readonly broken: NonNullable<CheckProgram["broken"]>;
}

export function listPrograms(
  services: CheckServices,
  strategies: readonly CheckedStrategy[],
): ListedProgram[] {
  return services.programs.map((program) => ({
    name: program.name,
    title: program.title,
    kind: program.kind,
    ...(program.bug === undefined ? {} : { bug: program.bug }),
    bounds: program.bounds,
    strategies: program.strategy
      ? strategies
          .filter(({ description }) => services.appliesTo(program, description) === null)
          .map(({ name }) => name)
      : null,
    broken: program.broken ?? [],
  }));
}

/** Name and title of each program, and below them its kind, strategies and bounds. */
export function listText(programs: readonly ListedProgram[]): string {
  return programs
    .map(({ name, title, kind, bug, bounds, strategies, broken }) => {
      const rows: [string, string][] = [
        ["kind", kind],
        ...(bug === undefined ? [] : [["fixed by", `${bug.commit} ${bug.subject}`] as [string, string]]),
        ["strategies", strategies === null ? "needs none" : strategies.join(", ") || "none that is built in"],
        ...Object.entries(bounds).map(([bound, { doc, min, max, ...rest }]): [string, string] => [
          bound,
          // A bound that its name explains needs no more words.
          doc === bound
            ? `${min} to ${max}; default ${rest.default}`
            : `${doc} (${min} to ${max}; default ${rest.default})`,
        ]),
        ...broken.map(({ value, title: bug, verdict, model }): [string, string] => [
          `--broken ${value}`,
          `${bug} (expected: ${verdict} under ${model})`,
        ]),
      ];
      return `${textColumns([[name, title]])}${textColumns(rows, 2)}`;
    })
    .join("\n");
}
