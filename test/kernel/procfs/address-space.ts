/** The program of an address space's tests, on the reference engine's direct mode. */
import { createDirect, type Direct } from "../../../src/engines/reference/index.ts";
import { linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildStepped, type SteppedProgram } from "../../../src/link/stepped/index.ts";

const programs = new Map<number, SteppedProgram>();

function program(mapleSlots: number): SteppedProgram {
  const known = programs.get(mapleSlots);
  if (known !== undefined) return known;
  const module = `${packageRoot}/test/programs/address-space.ts`;
  const callbacks = `${packageRoot}/src/kernel/procfs/maps/callbacks.ts`;
  const options = { mapleSlots, verify: 1, quarantine: 4 };
  const ir = linkProgram(
    { module, entries: "all", strategies: [], options, callbacks },
    nodeHost(packageRoot),
  );
  const made = buildStepped(ir);
  programs.set(mapleSlots, made);
  return made;
}

/** An empty address space whose tree has leaves of so many slots. */
export function addressSpace(mapleSlots: number, memoryWords = 1 << 20): Direct {
  const machine = createDirect(program(mapleSlots), { memoryWords, stepLimit: 1e7 });
  machine.call("boot");
  return machine;
}
