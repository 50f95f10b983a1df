/** What one label takes, all in one and by part: from the constants of the linked program, so that layouts are told once. */
import type { IrProgram } from "../link/ir.ts";
import { profileNames } from "../policy/profile-names.ts";
import type { Cell } from "../results/schema.ts";

/** Bytes of one entry of a label's vector of profiles; it has one more than there are profiles, the last 0. */
const vectorEntryBytes = 8;

type Parts = NonNullable<Cell["labelBytesByPart"]>;

function constantsOf({ constants }: IrProgram): (name: string) => number {
  return (name) => constants.get(name) ?? 0;
}

/** Bytes of a plain profile's label: the object, the strategy's counters on all CPUs, and what it allocates apart. */
export function labelBytesOf(program: IrProgram, cpus: number): number {
  return bytesCountedBy("strategy", program, cpus);
}

/**
 * The same of a label that `instance` counts: the strategy, or the part of it for that label. The object is as large for all parts:
 * it has room for the largest.
 */
export function bytesCountedBy(instance: string, program: IrProgram, cpus: number): number {
  const constant = constantsOf(program);
  return (
    constant("labelObjectBytes") +
    constant(`${instance}.labelCpuBytes`) * cpus +
    constant(`${instance}.labelExtraBytes`)
  );
}

/** The same by part, and what belongs to a label beside it. */
export function labelBytesByPart(program: IrProgram, cpus: number): Parts {
  const constant = constantsOf(program);
  const strategy = constant("labelStrategyBytes");
  return {
    // An object has room for one profile and the end of its vector.
    label: constant("labelObjectBytes") - strategy - 2 * vectorEntryBytes,
    strategy,
    vectorPerPart: vectorEntryBytes,
    perCpu: constant("strategy.labelCpuBytes") * cpus,
    extra: constant("strategy.labelExtraBytes"),
    proxy: constant("proxyObjectBytes"),
    profile: constant("profileObjectBytes"),
    name: meanNameBytes(),
  };
}

/** Mean bytes of a profile's name as the kernel keeps it, with its final 0; rounded. The mini-kernel has numbers instead. */
function meanNameBytes(): number {
  const sum = profileNames.reduce((bytes, name) => bytes + Buffer.byteLength(name) + 1, 0);
  return Math.round(sum / profileNames.length);
}
