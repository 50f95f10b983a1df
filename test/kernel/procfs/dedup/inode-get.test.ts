/** A look-up in a table of inodes gets none that is being freed. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../../../src/engines/reference/index.ts";
import { procProgram } from "../support.ts";

describe.each([0, 1])("inodeTryGet (wholeEviction %i)", (wholeEviction) => {
  const program = procProgram("test/programs/procfs-inode.ts", { wholeEviction });
  const machine = createDirect(program, { cpus: 1, memoryWords: 2 ** 18 });
  machine.call("boot");

  it("gets a further reference to one that somebody has", () => {
    expect([machine.call("found", [1]), machine.call("found", [3])]).toEqual([102, 104]);
  });

  it("refuses one whose last reference is gone, and leaves its count alone", () => {
    expect(machine.call("found", [0])).toBe(0);
  });
});
