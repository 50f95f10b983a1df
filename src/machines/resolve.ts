/**
 * What the `machine` of a config means: the name of a shipped one, the path of a file, or a description written there. Also what runs on it:
 * CPU counts are held against its threads here.
 */
import { capacity } from "../engines/sim/topology.ts";
import type { SimMachine } from "../engines/sim/types.ts";
import { RefplayError, RefplayErrors, type SourceLocation } from "../errors.ts";
import { shownPath, toInputSchema } from "../input/describe.ts";
import { issuesToErrors } from "../input/issues.ts";
import { type InputText, inputData, parseInputText, type ValuePath } from "../input/positions.ts";
import { didYouMean } from "../names.ts";
import { builtinMachine, machineNames } from "./builtin.ts";
import { compileMachine } from "./compile.ts";
import { type MachineDescription, machineSchema } from "./schema.ts";

/** A machine that was found right. */
export interface ResolvedMachine {
  readonly description: MachineDescription;
  readonly machine: SimMachine;
  readonly origin: "built-in" | "file" | "inline";
}

/** Text of a machine file; `location` is where the config names it. Throws RefplayError where it cannot be read. */
export type ReadMachineFile = (path: string, location: SourceLocation) => string;

type Places = Pick<InputText, "locate" | "locateKey">;

export interface MachineContext extends Places {
  /** Where the value stands in its config: `["machine"]`. */
  readonly path: ValuePath;
  /** Left out where there are no files, as in a page. */
  readonly readFile?: ReadMachineFile;
}

/** Whether a machine is named by the path of a file. */
export function isMachinePath(value: string): boolean {
  return /[/\\]|\.(ya?ml|json)$/.test(value);
}

/**
 * The machine that a config names or describes. Throws RefplayError(s): `unknown-machine`, `machine-syntax`, `bad-value`, `unknown-key`, and
 * what `readFile` throws.
 */
export function resolveMachine(
  value: string | Readonly<Record<string, unknown>>,
  context: MachineContext,
): ResolvedMachine {
  if (typeof value !== "string") {
    const description = checked(value, context.path, context);
    return { description, machine: compileMachine(description), origin: "inline" };
  }
  const location = context.locate(context.path);
  if (isMachinePath(value)) {
    if (context.readFile === undefined) {
      throw new RefplayError("machine-file", `machine file \`${value}\` cannot be read here`, {
        location,
        hint: `There are: ${machineNames.join(", ")}.`,
      });
    }
    return { ...parseMachine(context.readFile(value, location), value), origin: "file" };
  }
  const description = builtinMachine(value);
  if (description === undefined) {
    throw new RefplayError(
      "unknown-machine",
      `unknown machine \`${value}\`${didYouMean(value, machineNames)}`,
      {
        location,
        hint: `There are: ${machineNames.join(", ")}; or the path of a .yaml or .json file, or a description.`,
      },
    );
  }
  return { description, machine: compileMachine(description), origin: "built-in" };
}

/** A machine file's text (YAML or JSON); `file` is only shown. Throws RefplayError(s) with line and column. */
export function parseMachine(text: string, file: string): Omit<ResolvedMachine, "origin"> {
  const input = parseInputText(text, file, "machine-syntax");
  const description = checked(input.data, [], input);
  return { description, machine: compileMachine(description) };
}

/** A description that comes from anywhere else; `from` is shown in place of a file. Throws RefplayErrors. */
export function checkDescription(data: unknown, from: string): MachineDescription {
  return checked(data, [], inputData(data, from));
}

function checked(data: unknown, prefix: ValuePath, { locate, locateKey }: Places): MachineDescription {
  const result = machineSchema.safeParse(data);
  if (result.success) return result.data;
  const schema = toInputSchema(machineSchema);
  throw new RefplayErrors(
    issuesToErrors(result.error.issues, { data, schema, prefix, whole: "the machine", locate, locateKey }),
  );
}

/**
 * Throws RefplayErrors (`too-many-cpus`), one for each count that is more than the machine's hardware threads. `path` is where the list of
 * counts stands.
 */
export function checkCpus(
  machine: SimMachine,
  cpus: readonly number[],
  path: ValuePath,
  locate: Places["locate"],
): void {
  const most = capacity(machine);
  const larger = machineNames.filter(
    (name) => (builtinMachine(name)?.topology.threads ?? 0) >= Math.max(...cpus),
  );
  const hint = larger.length === 0 ? "" : ` Large enough: ${larger.join(", ")}.`;
  const errors = cpus.flatMap((count, index) => {
    if (count <= most) return [];
    const at = [...path, index];
    return new RefplayError(
      "too-many-cpus",
      `${shownPath(at, "the list")} is ${count}; machine \`${machine.name}\` has ${most} hardware threads`,
      { location: locate(at), hint: `Ask for 1 to ${most}, or name another machine.${hint}` },
    );
  });
  if (errors.length > 0) throw new RefplayErrors(errors);
}
