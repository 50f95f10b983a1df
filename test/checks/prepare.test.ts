/** From a catalogued program to a search: bounds, strategies that do not fit, names of addresses, and breaches at boot. */
import { describe, expect, it } from "vitest";
import {
  appliesTo,
  type LinkedPrograms,
  prepareCheck,
  replayCheck,
  runCheck,
  verdictOfMark,
} from "../../src/checks/index.ts";
import { textOfMark } from "../../src/checks/verdicts.ts";
import { RefplayError } from "../../src/errors.ts";
import { Mark, Verdict } from "../../src/kernel/core/marks.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { builtin } from "../conformance/support.ts";
import { programNamed } from "../lifetime/checks.ts";

const host = nodeHost(packageRoot);
const kref = builtin("kref");

function refusal(work: () => unknown): RefplayError {
  try {
    work();
  } catch (error) {
    if (error instanceof RefplayError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("preparing a check", () => {
  const prepare = (bounds: Record<string, number>) =>
    prepareCheck(programNamed("get-put"), kref, { model: "sc", bounds }, host);

  it("completes bounds with their defaults", () => {
    expect(prepare({ rounds: 2 }).bounds).toEqual({ users: 3, rounds: 2 });
  });

  it("refuses a bound that there is not, with the one that was meant", () => {
    const error = refusal(() => prepare({ user: 2 }));
    expect(error.code).toBe("unknown-bound");
    expect(error.message).toContain("did you mean `users`?");
  });

  it("refuses a bound out of its range, and fractions", () => {
    for (const users of [0, 9, 1.5]) {
      const error = refusal(() => prepare({ users }));
      expect(error.code).toBe("bound-range");
      expect(error.hint).toBe("a whole number from 1 to 8");
    }
  });

  it("needs a strategy where the program is about one, and ignores it elsewhere", () => {
    const without = () => prepareCheck(programNamed("get-put"), null, { model: "sc" }, host);
    expect(refusal(without).code).toBe("needs-strategy");
    expect(prepareCheck(programNamed("hazard"), kref, { model: "sc" }, host).strategyName).toBeNull();
  });

  it("names cells of the kernel, of the program and of each CPU", () => {
    const { stepped, problem } = prepare({});
    const { constants, structs } = stepped;
    const field = (struct: string, name: string) =>
      structs.find((entry) => entry.name === struct)?.fields.find((entry) => entry.name === name)?.offset ??
      -1;
    const area = (constants.get("cpuAreaBase") ?? 0) + (constants.get("cpuAreaBytes") ?? 0);
    const own = area + field("Cpu", "kernel");
    expect(problem.symbol?.(field("Global", "switchLock"))).toBe("switchLock");
    expect(problem.symbol?.(field("Global", "kernel") + field("Shared", "slotLock"))).toBe("slotLock");
    expect(problem.symbol?.(own + field("Own", "temporary") + 4)).toBe("cpu1.temporary+4");
    // Objects are for the machine to name.
    expect(problem.symbol?.(area + field("Cpu", "heap"))).toBeUndefined();
  });
});

describe("programs linked before", () => {
  it("are used again for other actors and models, not for other strategies, options or sources", () => {
    const linked: LinkedPrograms = new Map();
    const prepare = (name: string, strategy: string, model: "sc" | "tso" = "sc", options = {}) =>
      prepareCheck(programNamed(name), builtin(strategy), { model, options }, host, linked).stepped;
    const first = prepare("get-put", "kref");
    expect(prepare("get-put", "kref", "tso")).toBe(first);
    expect(prepare("hand-over", "kref")).toBe(first);
    const others = [
      prepare("get-put", "none"),
      prepare("get-put", "kref", "sc", { heapBytes: 4096 }),
      prepare("hazard", "kref"),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });
});

describe("programs for some strategies only", () => {
  it("are skipped with a reason", () => {
    const { meta } = builtin("none");
    expect(appliesTo(programNamed("get-put"), meta)).toBe("the strategy never releases a label");
    expect(appliesTo(programNamed("get-put"), null)).toBe("it needs a strategy");
    expect(appliesTo(programNamed("borrow-vs-remove"), meta)).toBeNull();
    expect(appliesTo(programNamed("hazard"), null)).toBeNull();
  });
});

describe("marks", () => {
  it("of broken rules stand for the verdict of that name", () => {
    expect(verdictOfMark(Mark.violation + Verdict.useAfterFree)).toBe("use-after-free");
    expect(verdictOfMark(Mark.violation + Verdict.limitExceeded)).toBe("limit-exceeded");
  });

  it("of misuse count as broken rules, and events do not", () => {
    expect(verdictOfMark(Mark.underflow)).toBe("negative-count");
    expect(verdictOfMark(Mark.getFromZero)).toBe("premature-release");
    for (const event of [Mark.none, Mark.released, Mark.switchedToPercpu, Mark.holderTaken, Mark.violation])
      expect(verdictOfMark(event)).toBeUndefined();
  });

  it("of misuse say in a sentence what was done, with the mark's name", () => {
    for (let event = Mark.none; event < Mark.violation; event++) {
      if (verdictOfMark(event) === undefined) expect(textOfMark(event)).toBeUndefined();
      else expect(textOfMark(event)).toContain(`(${Mark[event]})`);
    }
  });
});

describe("a rule broken before the actors begin", () => {
  it("is a finding without steps, with its line", async () => {
    const text =
      host.read(kref.path)?.replace("if (before === 1) release", "if (before !== 0) release") ?? "";
    const path = "eager.ts";
    const files = memoryHost({ [path]: text }, host);
    const prepared = prepareCheck(programNamed("last-put-race"), { path }, { model: "sc" }, files);
    const report = await runCheck(prepared);
    expect(report.verdict).toBe("premature-release");
    expect(report.finding?.schedule).toBe("");
    expect(report.finding?.breach.chain.map((frame) => frame.file)).toContain("eager.ts");
    expect(replayCheck(prepared, "").breach?.verdict).toBe("premature-release");
  });
});
