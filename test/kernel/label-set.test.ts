/** The label set in its variants: vectors, histories against a plain model, and random schedules. */
import { describe, expect, it } from "vitest";
import { type ActorSpec, createDirect, runReference } from "../../src/engines/reference/index.ts";
import { RbFault } from "../../src/kernel/core/rb-check.ts";
import { explain, verdictsOf } from "../conformance/schedules.ts";
import { builtin, kindNames, steppedTestProgram } from "../conformance/support.ts";
import { Rng } from "../fuzz/random.ts";

const variants = { rwlock: 0, seqlock: 1, "rcu-list": 2 } as const;
const memoryBytes = 1 << 20;

function program(variant: keyof typeof variants, strategy = "kref", retries = 4) {
  const options = { labelSet: variants[variant], labelSetRetries: retries };
  return steppedTestProgram("label-set", builtin(strategy), options);
}

function setOf(variant: keyof typeof variants, profiles: number) {
  const machine = createDirect(program(variant), { memoryWords: memoryBytes / 4, kinds: kindNames });
  machine.call("boot", [profiles]);
  return machine;
}
type Machine = ReturnType<typeof setOf>;

describe("vectors", () => {
  const write = (machine: Machine, which: number, profiles: readonly number[]): void => {
    profiles.forEach((profile, at) => {
      machine.call("setPart", [which, at, profile]);
    });
  };
  const read = (machine: Machine, which: number, size: number): number[] =>
    Array.from({ length: size }, (_, at) => machine.call("part", [which, at]));

  /** Profiles in the order of their ranks, the first of each rank only. */
  function expected(profiles: readonly number[], ranks: readonly number[]): number[] {
    const rank = (profile: number): number => ranks[profile] as number;
    const firsts = profiles.filter(
      (profile, at) => profiles.findIndex((other) => rank(other) === rank(profile)) === at,
    );
    return firsts.sort((a, b) => rank(a) - rank(b));
  }

  const order = (a: readonly number[], b: readonly number[]): number => {
    for (const [at, rank] of a.entries()) {
      const other = b[at];
      if (other === undefined) return 1;
      if (rank !== other) return rank < other ? -1 : 1;
    }
    return Math.sign(a.length - b.length);
  };

  it("are sorted by rank, merged and compared as lists of numbers are", () => {
    const machine = setOf("rcu-list", 16);
    const rng = new Rng("vectors");
    // Some profiles are versions of one: they have one rank.
    const ranks = Array.from({ length: 16 }, () => rng.below(10) - 5);
    ranks.forEach((rank, profile) => {
      machine.call("setRank", [profile, rank]);
    });
    for (let round = 0; round < 400; round++) {
      const lists = [0, 1].map(() => Array.from({ length: rng.below(9) }, () => rng.below(16)));
      const [a = [], b = []] = lists.map((list, which) => {
        write(machine, which, list);
        const size = machine.call("canonical", [which, list.length]);
        const sorted = read(machine, which, size);
        expect(sorted).toEqual(expected(list, ranks));
        return sorted;
      });
      const size = machine.call("merge", [a.length, b.length]);
      expect(read(machine, 2, size)).toEqual(expected([...a, ...b], ranks));
      const compared = machine.call("compare", [a.length, b.length]);
      const ranksOf = (list: readonly number[]): number[] => list.map((profile) => ranks[profile] as number);
      expect(Math.sign(compared)).toBe(order(ranksOf(a), ranksOf(b)));
    }
  });
});

/** A set with the labels of profiles `at` and 300 for all `at` below `members`; only that of `kept` is held, in slot 1. Its number. */
function crowd(machine: Machine, members: number, kept: number): number {
  let number = 0;
  machine.call("setPart", [0, 1, 300]);
  for (let at = 0; at < members; at++) {
    machine.call("setPart", [0, 0, at]);
    const made = machine.call("findOrCreate", [0, at === kept ? 1 : 0, 2]);
    if (at === kept) number = made;
    else machine.call("drop", [0, 0]);
  }
  expect(machine.call("members")).toBe(members);
  return number;
}

describe("who takes dead labels out of a rcu-list set", () => {
  it("does not wait for the lock: its holder takes them out", () => {
    const machine = setOf("rcu-list", 301);
    crowd(machine, 10, 4);
    machine.call("hold");
    machine.gracePeriod();
    expect(machine.call("members")).toBe(10);
    machine.call("letGo", [0]);
    expect(machine.call("members")).toBe(1);
    // Another grace period after they left.
    expect(machine.call("liveLabels")).toBe(10);
    machine.gracePeriod();
    expect(machine.call("liveLabels")).toBe(1);
    expect(machine.violations()).toEqual([]);
  });

  it("moves a search on that stands on one of them, or on one that another takes the place of", () => {
    const machine = setOf("rcu-list", 301);
    const kept = crowd(machine, 10, 4);
    machine.call("hold");
    machine.gracePeriod();
    machine.call("pointAtFirst");
    machine.call("letGo", [0]);
    expect(machine.call("pointedAt")).toBe(kept);
    const fresh = machine.call("renew", [0, 1, 2]);
    expect(machine.call("pointedAt")).toBe(fresh);
    machine.call("drop", [0, 1]);
    machine.call("drop", [0, 2]);
    while (machine.gracePeriod() > 0);
    expect(machine.call("pointedAt")).toBe(0);
    expect(machine.violations()).toEqual([]);
  });
});

describe.each(["rwlock", "seqlock", "rcu-list"] as const)("a %s set", (variant) => {
  it.each([0, 63, 64, 150, 199])("finds the one of 200 members that is out of date (number %i)", (place) => {
    const machine = setOf(variant, 301);
    const kept = crowd(machine, 200, place);
    expect(machine.call("findOutOfDate", [0, 2])).toBe(0);
    machine.call("setStale", [place]);
    expect(machine.call("findOutOfDate", [0, 2])).toBe(kept);
    expect(machine.call("find", [0, 3, 2])).toBe(0);
    machine.call("drop", [0, 2]);
    expect(machine.violations()).toEqual([]);
  });

  /** What there is for each vector: a label, how many references it has, and whether a newer version exists. */
  interface Known {
    readonly number: number;
    references: number;
    stale: boolean;
  }

  it.each([
    { seed: "few", profiles: 4, steps: 1500 },
    { seed: "many", profiles: 12, steps: 1500 },
  ])("is what a map is after every step of a history with $seed profiles", ({ seed, profiles, steps }) => {
    const machine = setOf(variant, profiles);
    const rng = new Rng(`${variant} ${seed}`);
    /** The newest version by vector; a dead one until a callback takes it out. */
    const set = new Map<string, Known>();
    const held = new Map<number, { readonly key: string; readonly known: Known }>();
    const slots = 6;
    const writeVector = (key: string): number => {
      const parts = key.split(",").map(Number);
      parts.forEach((profile, at) => {
        machine.call("setPart", [0, at, profile]);
      });
      return parts.length;
    };
    const randomKey = (): string => {
      const parts = Array.from({ length: rng.between(1, 3) }, () => rng.below(profiles));
      return [...new Set(parts)].sort((a, b) => a - b).join(",");
    };
    const isLive = (known: Known | undefined): known is Known =>
      known !== undefined && known.references > 0 && !known.stale;
    const release = (slot: number): void => {
      const { known } = held.get(slot) ?? expect.fail();
      machine.call("drop", [0, slot]);
      known.references -= 1;
      held.delete(slot);
    };
    for (let step = 0; step < steps; step++) {
      const slot = rng.below(slots);
      const holding = held.get(slot);
      if (holding === undefined) {
        const key = randomKey();
        const size = writeVector(key);
        const known = set.get(key);
        const creates = rng.chance(0.7);
        const number = machine.call(creates ? "findOrCreate" : "find", [0, slot, size]);
        if (isLive(known)) {
          expect(number).toBe(known.number);
          known.references += 1;
          held.set(slot, { key, known });
        } else if (creates) {
          const fresh = { number, references: 1, stale: false };
          expect([...set.values()].map((other) => other.number)).not.toContain(number);
          set.set(key, fresh);
          held.set(slot, { key, known: fresh });
        } else expect(number).toBe(0);
      } else if (rng.chance(0.25)) {
        const free = Array.from({ length: slots }, (_, at) => at).find((at) => !held.has(at));
        if (free !== undefined) {
          const number = machine.call("renew", [0, slot, free]);
          expect(number === 0).toBe(holding.known.stale);
          if (number !== 0) {
            holding.known.stale = true;
            const known = { number, references: 1, stale: false };
            set.set(holding.key, known);
            held.set(free, { key: holding.key, known });
          }
        }
      } else release(slot);
      if (rng.chance(0.2)) {
        machine.gracePeriod();
        for (const [key, known] of set) if (known.references === 0) set.delete(key);
      }
      expect(RbFault[machine.call("check")], `step ${step}`).toBe("none");
      expect(machine.call("members"), `step ${step}`).toBe(set.size);
    }
    for (const slot of [...held.keys()]) release(slot);
    while (machine.gracePeriod() > 0) expect(RbFault[machine.call("check")]).toBe("none");
    expect(machine.call("members")).toBe(0);
    expect(machine.call("liveLabels")).toBe(0);
    expect(machine.violations()).toEqual([]);
  });

  it.each([
    { strategy: "kref", retries: 4, masks: 7 },
    { strategy: "kref", retries: 0, masks: 3 },
    { strategy: "kref", retries: 1, masks: 31 },
  ])(
    "keeps one label per vector under random schedules ($strategy, $retries retries, $masks vectors)",
    ({ strategy, retries, masks }) => {
      const built = program(variant, strategy, retries);
      const cpus = 3;
      const script = (cpu: number, entry: string, ...args: number[]): ActorSpec => ({
        cpu,
        entry,
        args,
        role: "script",
      });
      const softirq: ActorSpec = { cpu: cpus, entry: "softirq", args: [cpus], role: "softirq" };
      for (let seed = 1; seed <= 6; seed++) {
        const actors = Array.from({ length: cpus }, (_, cpu) =>
          script(cpu, "churn", cpu, 60, seed * 64 + cpu + 1, masks),
        );
        const result = runReference(
          built,
          [[script(0, "boot", 5)], [...actors, softirq], [script(0, "check")]],
          { seed, cpus: cpus + 1, memoryBytes, kinds: kindNames, stepLimit: 2_000_000 },
        );
        expect(explain(result), `seed ${seed}`).toBe("");
        expect(verdictsOf(result), `seed ${seed}`).toEqual([]);
      }
    },
  );
});
