/** The machines that refplay ships, by name. */
import { beyondTwoSockets, epyc9654, epyc9654TwoSockets } from "./descriptions/epyc-9654.ts";
import { epyc7742TwoSockets, epyc7773x } from "./descriptions/epyc-older.ts";
import { graviton3, ryzen7950x } from "./descriptions/others.ts";
import { skylakeTwoSockets, vm24 } from "./descriptions/stand-ins.ts";
import { xeon8176EightSockets, xeon8375cTwoSockets } from "./descriptions/xeon.ts";
import { type MachineDescription, type MachineInput, machineSchema } from "./schema.ts";

/** As they are written; `builtinMachine` gives them checked. */
const inputs: ReadonlyMap<string, MachineInput> = new Map(
  [
    epyc9654,
    epyc9654TwoSockets,
    beyondTwoSockets,
    epyc7773x,
    epyc7742TwoSockets,
    xeon8176EightSockets,
    xeon8375cTwoSockets,
    graviton3,
    ryzen7950x,
    skylakeTwoSockets,
    vm24,
  ].map((input) => [input.name ?? "", input]),
);

/** Names of the shipped machines, in the order in which they are listed. */
export const machineNames: readonly string[] = [...inputs.keys()];

const parsed = new Map<string, MachineDescription>();

/** A shipped machine's description, or undefined where no machine has that name. */
export function builtinMachine(name: string): MachineDescription | undefined {
  const input = inputs.get(name);
  if (input === undefined) return undefined;
  const known = parsed.get(name) ?? machineSchema.parse(input);
  parsed.set(name, known);
  return known;
}
