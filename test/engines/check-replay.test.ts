import { describe, expect, it } from "vitest";
import {
  CheckMachine,
  DporExplorer,
  type Finding,
  minimise,
  parseSchedule,
  replaySchedule,
} from "../../src/engines/check/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { type SmallOptions, type SmallProgram, small } from "./check-programs.ts";

const replay = ({ program, problem }: SmallProgram, text: string) =>
  replaySchedule(program, problem, parseSchedule(text));

function findings({ program, problem }: SmallProgram): readonly Finding[] {
  const search = new DporExplorer(new CheckMachine(program, problem), { stopAtFirst: false });
  while (!search.advance(10_000));
  return search.result().findings;
}

describe("a replay", () => {
  const buffering = small(["store(x, 1); return load(y);", "store(y, 1); return load(x);"], {
    model: "tso",
    symbol: (address) => ({ 2048: "x", 2112: "y" })[address],
  });

  it("shows operations, values and what waits in the store buffer, with the line that put it there", () => {
    const { steps, breach, stuckAt, unfinished } = replay(buffering, "0*2 1*2 0f 1f");
    expect({ breach, stuckAt, unfinished }).toEqual({ breach: null, stuckAt: -1, unfinished: false });
    expect(
      steps.map((step) => [
        step.actor,
        step.kind,
        Op[step.op],
        step.symbol,
        step.result,
        step.before,
        step.after,
      ]),
    ).toEqual([
      [0, "step", "store", "x", null, null, null],
      [0, "step", "load", "y", 0, null, null],
      [1, "step", "store", "y", null, null, null],
      [1, "step", "load", "x", 0, null, null],
      [0, "flush", "store", "x", null, 0, 1],
      [1, "flush", "store", "y", null, 0, 1],
    ]);
    const [entry] = steps[1]?.buffer ?? [];
    expect(entry).toMatchObject({ what: "store", symbol: "x", value: 1, at: { function: "actor0" } });
    expect(entry?.at).toEqual(steps[0]?.chain.at(-1));
    expect(steps[4]?.chain).toEqual(steps[0]?.chain);
    expect(steps[4]?.buffer).toEqual([]);
  });

  it("shows what a load takes from the own buffer, and stores under sequential consistency at once", () => {
    const own = small(["store(x, 7); return load(x);"], { model: "tso" });
    expect(replay(own, "0*2 0f").steps[1]?.result).toBe(7);
    const direct = small(["store(x, 7); return fetchAdd(x, 1);"]);
    expect(replay(direct, "0*2").steps).toMatchObject([
      { before: 0, after: 7, result: null, buffer: [] },
      { before: 7, after: 8, result: 7 },
    ]);
  });

  it("says where a schedule names what cannot happen, and whether it ends too early", () => {
    expect(replay(buffering, "0*2 1f")).toMatchObject({ stuckAt: 2, unfinished: true, breach: null });
    expect(replay(buffering, "7")).toMatchObject({ stuckAt: 0, unfinished: true, steps: [] });
    expect(replay(buffering, "0*2")).toMatchObject({ stuckAt: -1, unfinished: true, breach: null });
    expect(replay(buffering, "0*2 1*2 0f 1f 0")).toMatchObject({ stuckAt: 6, unfinished: false });
  });

  it("recognises an actor that goes round, and says where another one could end that", () => {
    const waiting = small(["while (load(x) === 0) load(y);", "store(x, 1);"]);
    expect(replay(waiting, "0")).toMatchObject({ unfinished: true, breach: null });
    expect(replay(waiting, "0*3")).toMatchObject({
      unfinished: false,
      round: { from: 1, length: 2 },
      breach: { verdict: "livelock", detail: expect.stringMatching(/^steps 2 to 3 .* unless another/) },
    });
    expect(replay(waiting, "0*3 1 0").breach).toBeNull();
    const counting = small(["let i: i32 = 0; while (i < 9) { load(y); i += 1; }"]);
    expect(replay(counting, "0*8")).toMatchObject({ unfinished: true, breach: null });
  });

  it("shows marks on the way to the next operation", () => {
    const marking = small(["mark(70, 5); fetchAdd(x, 1); mark(71, x); mark(72, 0);"]);
    expect(replay(marking, "0").steps[0]?.marks).toEqual([
      { event: 71, argument: 2048 },
      { event: 72, argument: 0 },
    ]);
  });

  it("ends at a broken rule, with the name of the object and who freed it", () => {
    const early = small(["return load(object + 4);", "freed(object);"], {
      start: "allocated(object, 1, 64);",
      kinds: new Map([[1, "Box"]]),
    });
    const { steps, breach } = replay(early, "1 0 0 0");
    expect(steps).toHaveLength(2);
    expect(breach).toMatchObject({ verdict: "use-after-free", actor: 0, op: Op.load, symbol: "Box#1+4" });
    expect(breach?.detail).toContain("freed by actor1 main.ts:");
    expect(breach?.chain.at(-1)?.function).toBe("actor0");
  });

  it("names the line whose store leaves the buffer too late", () => {
    const late = small(["store(object + 4, 1);", "freed(object);"], {
      model: "tso",
      start: "allocated(object, 1, 64);",
    });
    const { breach } = replay(late, "0 1 1f 0f");
    expect(breach).toMatchObject({ verdict: "use-after-free", actor: 0, op: Op.store });
    expect(breach?.chain.at(-1)?.function).toBe("actor0");
  });

  it("runs to a leak, named by who allocated, and to a deadlock", () => {
    const leaking = small(["allocated(object, 1, 64);"]);
    const { breach } = replay(leaking, "0");
    expect(breach).toMatchObject({ verdict: "leak", actor: -1, chain: [{ function: "actor0" }] });
    const stuck = small(["awaitEqual(x, 1);"]);
    expect(replay(stuck, "").breach).toMatchObject({
      verdict: "deadlock",
      op: Op.awaitEqual,
      chain: [{ function: "actor0" }],
    });
  });

  it("shows which callback is taken, and what frees its object", () => {
    const freeing = small(["callRcu(head, 1);", ""], { softirqs: 1, start: "allocated(object, 1, 64);" });
    const { steps, breach } = replay(freeing, "0 2<0 2 2");
    expect(steps.map((step) => [step.kind, Op[step.op], step.address, step.result])).toEqual([
      ["step", "callRcu", 4112, null],
      ["take", "rcuTake", 4112, 4112],
      ["step", "freed", 4096, null],
      ["take", "rcuTake", -1, 0],
    ]);
    expect(breach).toBeNull();
  });
});

const broken: readonly (readonly [string, readonly string[], SmallOptions])[] = [
  [
    "a use after free",
    [
      "fetchAdd(z, 1); const p: ptr = load(x); fetchAdd(z, 1); if (p !== 0) return load(p);",
      "fetchAdd(z, 1); store(x, 0); fetchAdd(z, 1); freed(object);",
      "fetchAdd(z, 1); fetchAdd(z, 1);",
    ],
    { start: "allocated(object, 1, 64); store(x, object);", leaks: false },
  ],
  [
    "a deadlock",
    [
      "fetchAdd(x, 1); awaitEqual(y, 2);",
      "if (load(x) === 0) fetchAdd(y, 1); fetchAdd(y, 1);",
      "fetchAdd(z, 1); fetchAdd(z, 1);",
    ],
    {},
  ],
  [
    "a leak",
    [
      "allocated(object, 1, 64); if (fetchAdd(x, 1) === 1) freed(object);",
      "fetchAdd(x, 1); fetchAdd(z, 1);",
      "fetchAdd(z, 1);",
    ],
    {},
  ],
  [
    "a lost update of a count",
    Array.from({ length: 2 }, () => "const a: i32 = load(x); store(x, a + 1); fetchAdd(z, 1);"),
    {
      end: "if (load(x) !== 2) mark(99, 0);",
      verdictOfMark: (event) => (event === 99 ? "assertion" : undefined),
    },
  ],
];

describe("a minimised finding", () => {
  it.each(broken.flatMap((entry) => (["sc", "tso"] as const).map((model) => [...entry, model] as const)))(
    "keeps its verdict and loses it with any step left out: %s",
    (_, bodies, options, model) => {
      const program = small(bodies, { ...options, model });
      const [finding] = findings(program);
      if (finding === undefined) throw new Error("nothing was found");
      const { schedule } = minimise(program.program, program.problem, finding);
      expect(schedule.length).toBeLessThanOrEqual(finding.schedule.length);
      const run = (transitions: readonly number[]) =>
        replaySchedule(program.program, program.problem, transitions);
      expect(run(schedule).breach?.verdict).toBe(finding.breach.verdict);
      expect(run(schedule).steps).toHaveLength(schedule.length);
      schedule.forEach((_transition, left) => {
        const rest = run(schedule.filter((_, i) => i !== left));
        expect(rest.stuckAt < 0 && rest.breach?.verdict === finding.breach.verdict).toBe(false);
      });
    },
  );

  it("changes from actor to actor as rarely as it can", () => {
    const program = small(
      [
        "fetchAdd(x, 1); fetchAdd(x, 1); fetchAdd(x, 1); freed(object);",
        "fetchAdd(y, 1); fetchAdd(y, 1); freed(object);",
      ],
      { start: "allocated(object, 1, 64);" },
    );
    const schedule = parseSchedule("0 1 0 1 0 1 0");
    const breach = replaySchedule(program.program, program.problem, schedule).breach;
    if (breach === null) throw new Error("nothing was found");
    const best = minimise(program.program, program.problem, { breach, schedule });
    const actors = best.schedule.map((transition) => transition >> 6);
    expect(actors.filter((actor, i) => i > 0 && actor !== actors[i - 1])).toHaveLength(1);
  });

  it("is the finding itself where its schedule does not show it", () => {
    const program = small(["fetchAdd(x, 1);"]);
    const finding: Finding = {
      breach: { verdict: "leak", actor: -1, op: null, address: -1, detail: "" },
      schedule: [0],
    };
    expect(minimise(program.program, program.problem, finding)).toBe(finding);
  });
});
