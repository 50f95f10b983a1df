import { describe, expect, it } from "vitest";
import {
  CheckMachine,
  DporExplorer,
  type ExploreOptions,
  type ExploreResult,
  type Explorer,
  NaiveExplorer,
} from "../../src/engines/check/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { type SmallOptions, type SmallProgram, small } from "./check-programs.ts";

type ExplorerClass = new (machine: CheckMachine, options: ExploreOptions) => Explorer;

function explore(
  Search: ExplorerClass,
  { program, problem }: SmallProgram,
  options: ExploreOptions = { stopAtFirst: false },
): ExploreResult {
  const search = new Search(new CheckMachine(program, problem), options);
  while (!search.advance(10_000));
  return search.result();
}

/** What a search found, to be compared: outcomes, verdicts with operation and actor. */
function found(result: ExploreResult): readonly string[] {
  const breaches = result.findings.map(({ breach }) => {
    const op = breach.op === null ? "end" : Op[breach.op];
    return `${breach.verdict} ${op} ${breach.actor}`;
  });
  return [...result.outcomes, ...breaches.sort(), result.complete ? "complete" : `limit ${result.limit}`];
}

const models = ["sc", "tso"] as const;
const twoObjects = "allocated(object, 1, 64); allocated(object + 64, 1, 64);";
const lock = (cell: string) => `while (exchange(${cell}, 1) !== 0) awaitEqual(${cell}, 0);`;
const lookUp =
  "rcuReadLock(); const p: ptr = load(x); let r: i32 = 0; if (p !== 0) r = load(p + 4); rcuReadUnlock(); return r;";

interface Case {
  readonly name: string;
  readonly bodies: readonly string[];
  readonly options?: SmallOptions;
  /** Executions of DPOR under SC and TSO, where worth fixing. */
  readonly executions?: readonly [number, number];
}

const cases: readonly Case[] = [
  { name: "adding to one cell", bodies: ["fetchAdd(x, 1);", "fetchAdd(x, 1);"], executions: [2, 2] },
  { name: "adding to two cells", bodies: ["fetchAdd(x, 1);", "fetchAdd(y, 1);"], executions: [1, 1] },
  {
    name: "two additions each to one cell by two and one actors",
    bodies: ["fetchAdd(x, 1); fetchAdd(x, -1);", "fetchAdd(x, 1); fetchAdd(x, -1);", "fetchAdd(x, 1);"],
    executions: [30, 30],
  },
  {
    name: "two readers and no writer",
    bodies: ["return load(x);", "return load(x);"],
    executions: [1, 1],
  },
  {
    name: "store buffering",
    bodies: ["store(x, 1); return load(y);", "store(y, 1); return load(x);"],
    executions: [3, 4],
  },
  {
    name: "store buffering with fences",
    bodies: ["store(x, 1); fence(); return load(y);", "store(y, 1); fence(); return load(x);"],
    executions: [3, 3],
  },
  {
    name: "message passing",
    bodies: ["store(x, 1); store(y, 1);", "const a: i32 = load(y); return a * 10 + load(x);"],
    executions: [3, 3],
  },
  {
    name: "a message that is awaited",
    bodies: ["store(x, 1); store(y, 1);", "awaitEqual(y, 1); return load(x);"],
    executions: [1, 1],
  },
  {
    name: "forwarding from the own buffer",
    bodies: [
      "store(x, 1); const a: i32 = load(x); return a * 10 + load(y);",
      "store(y, 1); const a: i32 = load(y); return a * 10 + load(x);",
    ],
  },
  {
    name: "loads of own stores that nobody else touches",
    bodies: ["store(x, 1); return load(x);", "store(y, 1); return load(y);"],
    executions: [1, 1],
  },
  {
    name: "a load of an own store between stores of others",
    bodies: [
      "store(x, 1); const a: i32 = load(x); fence(); return a * 10 + load(x);",
      "store(x, 2); store(x, 3);",
    ],
  },
  {
    name: "an await that an earlier and a later store satisfy",
    bodies: [
      "store(x, 1); store(x, 0); store(x, 1);",
      "awaitEqual(x, 1); return load(y);",
      "store(y, 1); store(y, 2);",
    ],
  },
  {
    name: "an await behind a load, that may come too late",
    bodies: [
      "store(x, 1); store(x, 2);",
      "const a: i32 = load(y); awaitEqual(x, 1); return a * 10 + load(y);",
      "store(y, 1); store(y, 2);",
    ],
  },
  {
    name: "an await of what the own buffer holds",
    bodies: ["store(x, 1); awaitEqual(x, 1); return load(y);", "store(x, 2); store(y, 1);"],
  },
  {
    name: "an await that only its own flush can satisfy for others",
    bodies: ["store(x, 2); awaitEqual(x, 1); return load(y);", "awaitEqual(x, 2); store(y, 1); store(x, 1);"],
  },
  { name: "awaits that grow", bodies: ["store(x, 1); store(x, 2);", "awaitAtLeast(x, 1); return load(x);"] },
  {
    name: "a lock",
    bodies: Array.from({ length: 2 }, () => `${lock("x")} store(y, load(y) + 1); storeRelease(x, 0);`),
    options: { end: "return load(y);" },
  },
  {
    name: "locks in two orders",
    bodies: [
      `${lock("x")} ${lock("y")} store(y, 0); store(x, 0);`,
      `${lock("y")} ${lock("x")} store(x, 0); store(y, 0);`,
    ],
  },
  {
    name: "compare and exchange",
    bodies: Array.from({ length: 3 }, (_, i) => `return compareExchange(x, ${i}, ${i + 1});`),
    options: { end: "return load(x);" },
  },
  {
    name: "a grace period",
    bodies: [
      "rcuReadLock(); const a: i32 = load(x); const b: i32 = load(y); rcuReadUnlock(); return a * 10 + b;",
      "store(x, 1); synchronizeRcu(); store(y, 1);",
    ],
    executions: [4, 4],
  },
  {
    name: "a grace period between sections of one reader",
    bodies: [
      "rcuReadLock(); const a: i32 = load(x); rcuReadUnlock(); rcuReadLock(); const b: i32 = load(y); rcuReadUnlock(); return a * 10 + b;",
      "store(x, 1); synchronizeRcu(); store(y, 1);",
    ],
  },
  {
    name: "a grace period and two readers",
    bodies: [
      "rcuReadLock(); const a: i32 = load(x); const b: i32 = load(y); rcuReadUnlock(); return a * 10 + b;",
      "rcuReadLock(); const a: i32 = load(y); rcuReadUnlock(); return a;",
      "store(x, 1); synchronizeRcu(); store(y, 1);",
    ],
  },
  {
    name: "waiting for a grace period and for each other",
    bodies: ["synchronizeRcu(); store(x, 1);", "rcuReadLock(); awaitEqual(x, 1); rcuReadUnlock();"],
  },
  {
    name: "freeing by callback",
    bodies: [lookUp, "store(x, 0); callRcu(head, 1);"],
    options: { softirqs: 1, start: `${twoObjects} store(x, object);`, leaks: false },
    executions: [3, 3],
  },
  {
    name: "freeing without a grace period",
    bodies: [lookUp, "store(x, 0); freed(object);"],
    options: { start: `${twoObjects} store(x, object);`, leaks: false },
  },
  {
    name: "callbacks of two actors, one softirq actor",
    bodies: ["callRcu(head, 1);", "rcuReadLock(); rcuReadUnlock(); callRcu(head + 64, 1);"],
    options: { softirqs: 1, start: twoObjects },
  },
  {
    name: "callbacks of two actors, two softirq actors",
    bodies: ["callRcu(head, 1);", "callRcu(head + 64, 1);"],
    options: { softirqs: 2, start: twoObjects },
  },
  {
    name: "a callback that waits for a section, and one that does not",
    bodies: ["callRcu(head, 1); rcuReadLock(); rcuReadUnlock();", "callRcu(head + 64, 1);"],
    options: { softirqs: 1, start: twoObjects },
  },
  {
    name: "a head queued twice",
    bodies: ["callRcu(head, 1); callRcu(head, 1);", "store(x, 1);"],
    options: { softirqs: 1, start: twoObjects, leaks: false },
  },
  {
    name: "a head queued twice, two softirq actors",
    bodies: ["callRcu(head, 1); callRcu(head, 1);"],
    options: { softirqs: 2, start: twoObjects, leaks: false },
  },
  {
    name: "a callback, its object freed early, and the callback again",
    bodies: ["freed(object);", "callRcu(head, 1); freed(object); callRcu(head, 1);"],
    options: { softirqs: 1, start: twoObjects, leaks: false },
  },
  {
    name: "an object freed twice",
    bodies: ["freed(object);", "if (load(x) === 0) freed(object);", "store(x, 1);"],
    options: { start: twoObjects, leaks: false },
  },
  { name: "a leak on one path", bodies: ["store(x, 1);", "if (load(x) === 0) allocated(object, 1, 64);"] },
  {
    name: "maintenance that waits",
    bodies: ["store(x, 1); return load(y);", "store(y, 2);"],
    options: { maintenance: "awaitEqual(x, 1); fetchAdd(y, 1);" },
  },
  {
    name: "a breach behind which others go on",
    bodies: [
      "if (load(x) === 0) freed(object);",
      "freed(object); return load(y);",
      "store(x, 1); store(y, 1);",
    ],
    options: { start: twoObjects, leaks: false },
  },
];

describe("the naive search and DPOR find the same", () => {
  for (const { name, bodies, options, executions } of cases) {
    it.each(models)(`${name} (%s)`, (model) => {
      const program = small(bodies, { ...options, model });
      const naive = explore(NaiveExplorer, program);
      const dpor = explore(DporExplorer, program);
      expect(naive.complete).toBe(true);
      expect(found(dpor)).toEqual(found(naive));
      expect(dpor.executions).toBeLessThanOrEqual(naive.executions);
      if (executions !== undefined) {
        expect([dpor.executions, dpor.sleepBlocked]).toEqual([executions[model === "sc" ? 0 : 1], 0]);
      }
    });
  }
});

describe("DPOR", () => {
  const three = small(Array.from({ length: 3 }, () => "fetchAdd(x, 1); fetchAdd(x, -1);"));

  it("runs every order of operations that all conflict, and no other", () => {
    const result = explore(DporExplorer, three);
    expect(result).toMatchObject({ executions: 90, sleepBlocked: 0, complete: true, depth: 6 });
    expect(explore(NaiveExplorer, three)).toMatchObject({ executions: 90, complete: true });
  });

  it("gives the same result in portions of any size", () => {
    const whole = explore(DporExplorer, three);
    const search = new DporExplorer(new CheckMachine(three.program, three.problem), { stopAtFirst: false });
    let portions = 0;
    while (!search.advance(1)) portions++;
    expect(search.result()).toEqual(whole);
    expect(portions).toBeGreaterThan(100);
    expect(search.progress()).toMatchObject({ states: 90, frontier: 0 });
  });

  it("stops at the first breach unless told otherwise, and says that it did not see all", () => {
    const program = small(["freed(object);", "freed(object);"], { start: twoObjects });
    const first = explore(DporExplorer, program, {});
    expect(first.findings.map(({ breach }) => breach.verdict)).toEqual(["double-free"]);
    expect(first.complete).toBe(false);
    expect(first.limit).toBeUndefined();
    expect(explore(DporExplorer, program).findings).toHaveLength(2);
  });

  it.each([
    ["naive", NaiveExplorer],
    ["DPOR", DporExplorer],
  ] as const)("says which limit it came to (%s)", (_, Search) => {
    const all = { stopAtFirst: false };
    expect(explore(Search, three, { ...all, stateLimit: 5 })).toMatchObject({
      complete: false,
      limit: "states",
      executions: 5,
    });
    const endless = small(["for (;;) fetchAdd(x, 1);"], { stepLimit: 50 });
    expect(explore(Search, endless, all)).toMatchObject({ complete: false, limit: "steps", depth: 50 });
    const narrow = small(["store(x, 1); store(y, 1); store(z, 1);"], { model: "tso", bufferEntries: 2 });
    const overflow = {
      complete: false,
      limit: "buffer",
      findings: [{ breach: { verdict: "limit-exceeded" } }],
    };
    expect(explore(Search, narrow, all)).toMatchObject(overflow);
    expect(explore(Search, narrow, {})).toMatchObject({ ...overflow, executions: 1 });
  });

  it.each([
    ["naive", NaiveExplorer],
    ["DPOR", DporExplorer],
  ] as const)("gives up at the first endless loop, and says whose it is (%s)", (_, Search) => {
    const bodies = ["fetchAdd(y, 1);", "for (;;) if (compareExchange(x, 1, 2) === 1) return 1;"];
    const result = explore(Search, small(bodies), {});
    const breach = { verdict: "limit-exceeded", actor: 1, op: Op.compareExchange };
    const whole = { complete: false, limit: "steps", executions: 1, depth: 5000, transitions: 5000 };
    expect(result).toMatchObject({ ...whole, findings: [{ breach }] });
    const twoAtOnce = small([
      "for (;;) { store(x, 1); awaitEqual(x, 0); }",
      "for (;;) { awaitEqual(x, 1); store(x, 0); }",
    ]);
    expect(explore(Search, twoAtOnce, {})).toMatchObject({ ...whole, findings: [] });
  });

  it("does not begin with more actors than it has room for", () => {
    const many = small(Array.from({ length: 17 }, () => "fetchAdd(x, 1);"));
    expect(() => new DporExplorer(new CheckMachine(many.program, many.problem))).toThrow("too many actors");
  });
});
