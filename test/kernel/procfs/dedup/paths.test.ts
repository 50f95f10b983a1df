/** What stands where, where links lead, and the path that a look-up ends at, by variant. */
import { describe, expect, it } from "vitest";
import { DedupAudit, pathCells } from "../../../../src/kernel/procfs/dedup/dedup-names.ts";
import { ProcEvent } from "../../../../src/kernel/procfs/events.ts";
import { addPaths, pathCounters, pathInSlot } from "../../../../src/scenarios/dedup-paths.ts";
import { ScenarioScript } from "../../../../src/scenarios/script.ts";
import { process, type Step, variantOptions } from "./support.ts";

/** Where look-ups of paths end, after some steps. */
function ends(variant: string, paths: readonly string[], before: readonly Step[] = []) {
  const script = new ScenarioScript();
  for (const [event, a = 0] of before) script.add(event, a);
  addPaths(script, paths);
  const cells = [...script.finish()];
  const steps = Array.from({ length: script.executed }, (_, i) => cells.slice(4 * i, 4 * i + 4));
  const one = process(variantOptions[variant] ?? {}, { threads: 3, files: 2 }, steps as unknown as Step[]);
  one.run(0);
  expect(one.audit(DedupAudit.badRecords)).toBe(0);
  const counters = Object.entries(pathCounters(paths.length)).map(([name, counter]) => {
    return [name, one.audit(counter)] as const;
  });
  expect(one.end()).toEqual([0, 0, 0, 0, 0]);
  return paths.map((_, slot) => pathInSlot(Object.fromEntries(counters), slot));
}

/** Paths of the leader (4711) and a thread. */
const paths = [
  "/proc/4711/fdinfo/0",
  "/proc/4711/net/dev",
  "/proc/4711/attr/current",
  "/proc/4711/ns/",
  "/proc/4711/stat",
  "/proc/4711/task/4712/fd/1",
  "/proc/4711/task/4712/net/dev",
  "/proc/4712/task/4713/stat",
  "/proc/4712/fd/0",
] as const;

describe("the end of a look-up", () => {
  it("is the path itself where nothing is a link", () => {
    for (const variant of ["copies", "hard-link"]) expect(ends(variant, paths)).toEqual(paths);
  });

  it("is below the leader where a thread's task is a link", () => {
    expect(ends("symlink-task", paths)).toEqual([
      ...paths.slice(0, 7),
      "/proc/4711/task/4713/stat",
      "/proc/4712/fd/0",
    ]);
  });

  it("is the leader's descriptors where threads share them", () => {
    expect(ends("symlink-files", paths)).toEqual([
      ...paths.slice(0, 5),
      "/proc/4711/fd/1",
      paths[6],
      "/proc/4711/task/4713/stat",
      "/proc/4711/fd/0",
    ]);
  });

  it("is the thread directory where the process's entries are links", () => {
    expect(ends("symlink-tgid", paths)).toEqual([
      "/proc/4711/task/4711/fdinfo/0",
      "/proc/4711/task/4711/net/dev",
      "/proc/4711/task/4711/attr/current",
      "/proc/4711/task/4711/ns/",
      "/proc/4711/stat",
      "/proc/4711/task/4711/fd/1",
      "/proc/4711/task/4712/net/dev",
      "/proc/4711/task/4713/stat",
      "/proc/4711/task/4711/fd/0",
    ]);
  });

  it("is the thread's own descriptors once it has left the shared table", () => {
    const path = ["/proc/4711/task/4712/fd/1", "/proc/4712/fd/1"];
    const unshared = (variant: string) => ends(variant, path, [[ProcEvent.unshareFiles, 1]]);
    expect(unshared("symlink-files")).toEqual(path);
    expect(unshared("symlink-tgid")).toEqual([path[0], path[0]]);
    // The leader gone, links of all others lead nowhere.
    const left = ends("symlink-files", path, [[ProcEvent.unshareFiles, 0]]);
    expect(left).toEqual(path);
  });

  it("is nowhere for a name that does not exist", () => {
    const missing = ["/proc/4711/fd/2", "/proc/4714/stat", "/proc/4711/task/4714/stat", "/proc/4711/stat"];
    expect(ends("copies", missing)).toEqual([undefined, undefined, undefined, "/proc/4711/stat"]);
    const gone = ends("copies", ["/proc/4712/stat", "/proc/4711/stat"], [[ProcEvent.exitThread, 1]]);
    expect(gone).toEqual([undefined, "/proc/4711/stat"]);
  });
});

describe("a path's record", () => {
  it("of a slot that there is not is told, and does nothing", () => {
    const steps: Step[] = [
      [ProcEvent.pathName, 16, 0, 3],
      [ProcEvent.pathName, -1, 0, 3],
    ];
    const one = process({}, { threads: 1, files: 1 }, steps);
    one.run(0);
    expect(one.audit(DedupAudit.badRecords)).toBe(2);
    expect(one.audit(DedupAudit.paths + 16 * pathCells)).toBe(0);
    expect(one.end()).toEqual([0, 0, 0, 0, 0]);
  });
});
