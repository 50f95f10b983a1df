/** What `refplay check` is asked on the command line, from text to values. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { ExplorerName } from "../checks/index.ts";
import type { MemoryModel } from "../engines/check/types.ts";
import { RefplayError } from "../errors.ts";
import { didYouMean } from "../names.ts";

/** Flags as commander hands them over. */
export interface CheckFlags {
  readonly model?: readonly string[];
  readonly program?: readonly string[];
  readonly bound?: readonly string[];
  readonly explorer?: string;
  readonly replay?: string;
  readonly memory?: string;
  readonly broken?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly list?: boolean;
  readonly allSteps?: boolean;
  readonly allFindings?: boolean;
}

export interface CheckRequest {
  readonly models: readonly MemoryModel[];
  /** As given; which programs have them is found out later. */
  readonly bounds: ReadonlyMap<string, number>;
  readonly explorer: ExplorerName;
  /** Bytes; undefined: as many as the search takes by itself. */
  readonly memoryBytes: number | undefined;
  readonly broken: number | undefined;
}

export const models = ["sc", "tso", "both"] as const;
export const explorers = ["states", "dpor"] as const satisfies readonly ExplorerName[];

/**
 * @param machineBytes memory of the machine: a search that is given more would end in a crash
 * @throws RefplayError `unknown-model`, `unknown-explorer`, `bad-bound`, `bad-memory`, `options-exclude`
 */
export function readCheckFlags(flags: CheckFlags, machineBytes: number): CheckRequest {
  refuseBeside(flags, "replay", ["explorer", "memory", "allFindings"], "it searches nothing");
  const chosen = (flags.model ?? ["both"]).map((given) => oneOf(models, given, "model"));
  return {
    models: (["sc", "tso"] as const).filter((model) => chosen.includes(model) || chosen.includes("both")),
    bounds: readBounds(flags.bound ?? []),
    explorer: oneOf(explorers, flags.explorer ?? "states", "explorer"),
    memoryBytes: flags.memory === undefined ? undefined : readMemory(flags.memory, machineBytes),
    broken: flags.broken,
  };
}

/** Options that `--list` takes no notice of are a mistake; it is about programs, and about strategies that fit. */
export function checkListFlags(flags: CheckFlags): void {
  const others = [
    "model",
    "bound",
    "explorer",
    "replay",
    "memory",
    "broken",
    "allSteps",
    "allFindings",
  ] as const;
  refuseBeside(flags, "list", others, "it checks nothing");
}

function refuseBeside(
  flags: CheckFlags,
  one: keyof CheckFlags,
  others: readonly (keyof CheckFlags)[],
  why: string,
): void {
  if (flags[one] === undefined) return;
  const beside = others.filter((name) => flags[name] !== undefined).map(optionName);
  if (beside.length === 0) return;
  const what = `${optionName(one)} does not go with ${beside.join(", ")}: ${why}`;
  throw new RefplayError("options-exclude", what, { hint: `Leave ${beside.join(" and ")} out.` });
}

/** `--all-findings` of `allFindings`. */
function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function oneOf<T extends string>(known: readonly T[], given: string, what: string): T {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  throw new RefplayError(`unknown-${what}`, `unknown ${what} \`${given}\`${didYouMean(given, known)}`, {
    hint: `There is: ${known.join(", ")}.`,
  });
}

/** `["readers=3,rounds=2", "writers=1"]`; a name that is given twice is a mistake. */
function readBounds(texts: readonly string[]): Map<string, number> {
  const bounds = new Map<string, number>();
  for (const text of texts.flatMap((list) => list.split(","))) {
    const match = /^\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\d{1,9})\s*$/.exec(text);
    if (match === null) {
      throw new RefplayError("bad-bound", `\`${text}\` is no bound`, {
        hint: "Write name=number, as in --bound readers=3,rounds=2; `refplay check --list` names them.",
      });
    }
    const name = match[1] as string;
    if (bounds.has(name)) {
      const both = `${name}=${bounds.get(name)} and ${name}=${Number(match[2])}`;
      throw new RefplayError("bad-bound", `bound \`${name}\` is given twice: ${both}`, {
        hint: "One check has one value for each bound; check other values in a command of their own.",
      });
    }
    bounds.set(name, Number(match[2]));
  }
  return bounds;
}

const unitBytes: Readonly<Record<string, number>> = {
  "": 2 ** 30,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** Smallest ceiling: below it no search gets to its first state. */
const leastMemory = 2 ** 20;

/** `2` and `2G` are 2 GiB, `512M` is 512 MiB. */
function readMemory(text: string, machineBytes: number): number {
  const match = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*([KMGT]?)(?:i?B)?\s*$/i.exec(text);
  const bytes =
    match === null ? 0 : Math.floor(Number(match[1]) * (unitBytes[(match[2] ?? "").toUpperCase()] ?? 0));
  if (bytes > machineBytes) {
    const most = Math.floor(machineBytes / 2 ** 20);
    throw new RefplayError("bad-memory", `--memory ${text} is more than the memory of this machine`, {
      hint: `It has ${most}M; leave some of it to the rest.`,
    });
  }
  if (bytes >= leastMemory && Number.isSafeInteger(bytes)) return bytes;
  throw new RefplayError("bad-memory", `\`${text}\` is no memory size`, {
    hint: "Give GiB or a unit, at least 1M: --memory 2, --memory 1.5G, --memory 512M.",
  });
}

/**
 * The schedule that `--replay` names: the text of that file if there is one, else the argument itself.
 * @throws RefplayError `schedule-file` where the file cannot be read, `empty-schedule` where there is no step in it
 */
export function readScheduleArgument(given: string, workingFolder: string): string {
  const path = resolve(workingFolder, given);
  const stat = given.length > 255 ? undefined : statSync(path, { throwIfNoEntry: false });
  const isFile = stat?.isFile() === true;
  const text = isFile ? readFileSync(path, "utf8").trim() : given;
  if (text.trim() === "") {
    const what = isFile ? `the schedule file \`${given}\` is empty` : "the schedule of --replay is empty";
    throw new RefplayError("empty-schedule", what, {
      hint: 'A schedule names steps in order, as in --replay "0*3 1 1f"; `see again` below a finding has one.',
    });
  }
  if (isFile) return text;
  if (/\s/.test(given) || !/[/\\]|\.[a-z]+$/i.test(given)) return given;
  throw new RefplayError("schedule-file", `there is no schedule file \`${given}\``, {
    hint: 'Give a file, or the schedule itself, as in --replay "0*3 1 1f".',
  });
}
