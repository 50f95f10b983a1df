/** A look-up that has found a thread alive, and makes a name of it when the thread has exited and been flushed. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../../../src/engines/reference/index.ts";
import { DedupAudit } from "../../../../src/kernel/procfs/dedup/dedup-names.ts";
import { procProgram } from "../support.ts";
import { bootOf } from "./support.ts";

describe.each([
  ["copies", {}],
  ["hard-link", { hardLinks: 1 }],
])("%s", (_name, options) => {
  it("leaves no name and no inode behind, not even while the leader lives", () => {
    const program = procProgram("test/programs/procfs-dedup.ts", options);
    const machine = createDirect(program, { cpus: 1, memoryWords: 2 ** 18 });
    machine.call("boot", bootOf({ threads: 2, files: 1 }));
    expect(machine.call("lateLookUp")).toBe(1);
    while (machine.gracePeriod(0) > 0);
    const left = (["dentries", "inodes", "pids", "tasks"] as const).map((kind) =>
      machine.call("audit", [DedupAudit[kind]]),
    );
    // The root of procfs, the leader's directory, and `task` in it.
    expect(left).toEqual([3, 3, 1, 1]);
    machine.call("dismantle");
    while (machine.gracePeriod(0) > 0);
    expect(machine.call("audit", [DedupAudit.inodes])).toBe(0);
  });
});
