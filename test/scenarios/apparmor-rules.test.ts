/** AppArmor rules held against the paths at which look-ups end in what every variant really builds. */
import { describe, expect, it } from "vitest";
import { createDirect } from "../../src/engines/reference/index.ts";
import { brokenRules, pathRules, ruleMatches } from "../../src/scenarios/apparmor-rules.ts";
import { type DedupVariant, dedupVariants } from "../../src/scenarios/dedup-counts.ts";
import { pathInSlot } from "../../src/scenarios/dedup-paths.ts";
import { procDedup } from "../../src/scenarios/proc-dedup.ts";
import { procProgram } from "../kernel/procfs/support.ts";

/** Where the look-ups of all rules' paths end in a cell of that variant. */
function resolved(variant: DedupVariant, more: Readonly<Record<string, unknown>> = {}) {
  const parameters = procDedup.parameters.parse({ threads: 3, files: 2, ...more });
  const run = procDedup.build(parameters, { cpus: 1, seed: "rules", variant, size: "full" });
  const options = procDedup.variants.find(({ name }) => name === variant)?.options ?? {};
  const program = procProgram(procDedup.program, options);
  const machine = createDirect(program, { cpus: 1, scripts: [...run.scripts], memoryWords: 2 ** 19 });
  machine.call("boot", [...run.boot]);
  machine.call("bootCpu", [0]);
  machine.call("run", [0, run.setupRecords]);
  const counters = Object.entries(procDedup.audit).filter(([name]) => name.startsWith("path "));
  const values = Object.fromEntries(
    counters.map(([name, counter]) => [name, machine.call("audit", [counter])]),
  );
  return pathRules.map((_, slot) => pathInSlot(values, slot));
}

const broken = (variant: DedupVariant, more = {}) =>
  brokenRules(resolved(variant, more)).map(({ rule, resolved: path }) => `${rule} ${path}`);

describe("AppArmor rules", () => {
  it("match as apparmor.d(5) says", () => {
    expect(ruleMatches("@{PROC}/@{pid}/fd/[0-9]* w", "/proc/12/fd/3")).toBe(true);
    expect(ruleMatches("@{PROC}/@{pid}/fd/* r", "/proc/12/fd/")).toBe(true);
    expect(ruleMatches("@{PROC}/@{pid}/fd/ r", "/proc/12/fd/3")).toBe(false);
    expect(ruleMatches("@{PROC}/@{pid}/* r", "/proc/12/fd/3")).toBe(false);
    expect(ruleMatches("@{PROC}/@{pid}/** r", "/proc/12/fd/3")).toBe(true);
    expect(ruleMatches("@{PROC}/@{pid}/stat r", "/proc/012/stat")).toBe(false);
  });

  it("allow what they are there for where directories are copies, and where inodes are shared", () => {
    for (const { opens, rule } of pathRules) expect(ruleMatches(rule, opens), rule).toBe(true);
    for (const variant of ["copies", "hard-link"] as const)
      expect(resolved(variant)).toEqual(pathRules.map(({ opens }) => opens));
    for (const variant of ["copies", "symlink-task", "hard-link"] as const)
      expect(broken(variant)).toEqual([]);
  });

  it("for a process's own fd, fdinfo, net, attr and ns break with symlink-tgid, and of threads that for fdinfo", () => {
    const own = "/proc/4711/task/4711";
    expect(broken("symlink-tgid")).toEqual([
      `@{PROC}/@{pid}/fdinfo/* r ${own}/fdinfo/0`,
      `@{PROC}/@{pid}/fd/ r ${own}/fd/`,
      `@{PROC}/@{pid}/fd/[0-9]* w ${own}/fd/0`,
      `@{PROC}/@{pid}/net/dev r ${own}/net/dev`,
      `@{PROC}/@{pid}/attr/current r ${own}/attr/current`,
      `@{PROC}/@{pid}/ns/ r ${own}/ns/`,
    ]);
  });

  it("for a thread's own fdinfo break with symlink-files, until the thread leaves the shared table", () => {
    const rule = "@{PROC}/@{pid}/task/@{tid}/fdinfo/* r /proc/4711/fdinfo/0";
    expect(broken("symlink-files")).toEqual([rule]);
    for (const unshareWhen of ["before", "after"])
      expect(broken("symlink-files", { unshared: 1, unshareWhen })).toEqual([]);
  });

  it("of what is not there are not judged", () => {
    for (const variant of dedupVariants) {
      const found = resolved(variant, { threads: 1, files: 0, net: 0 });
      const missing = pathRules.filter((_, slot) => found[slot] === undefined);
      expect(missing.every(({ opens }) => /fdinfo\/0|fd\/0|net\/dev|4712/.test(opens))).toBe(true);
      expect(missing).toHaveLength(7);
    }
  });
});
