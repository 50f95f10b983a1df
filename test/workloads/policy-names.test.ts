import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalParts,
  compareLabels,
  compareNamespaces,
  type LabelPart,
} from "../../src/policy/label-parts.ts";
import { labelPopulation } from "../../src/policy/population.ts";
import { isHatName, PolicyNumbers, parentName } from "../../src/workloads/policy-names.ts";

// The same cases in every run.
fc.configureGlobal({ seed: 20_261_121 });

const level = fc.constantFrom("a", "b", "/usr/bin/man", "unconfined", "Z", "é", "/etc/init.d/nscd");
const part: fc.Arbitrary<LabelPart> = fc.record({
  namespace: fc.array(fc.constantFrom("n", "m", "lxd-c10", "lxd-c2"), { maxLength: 3 }),
  profile: fc.array(level, { minLength: 1, maxLength: 3 }).map((levels) => levels.join("//")),
});
const some = fc.array(part, { minLength: 1, maxLength: 20 });

describe("the numbers of a set of names", () => {
  test("order labels by rank as their names are ordered", () => {
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), (profiles, picks) => {
        const numbers = new PolicyNumbers({ profiles });
        const draw = (): LabelPart[] =>
          [...picks.take(3)].map((pick) => numbers.profiles[pick % numbers.profiles.length] as LabelPart);
        const [a, b] = [canonicalParts(draw()), canonicalParts(draw())];
        const ranks = (label: readonly LabelPart[]): number[] =>
          label.map((one) => numbers.rank(numbers.profile(one)));
        // A canonical label is sorted by rank, too, and ranks compared place by place order labels.
        expect(ranks(a)).toEqual(ranks(a).toSorted((x, y) => x - y));
        const [ra, rb] = [ranks(a), ranks(b)];
        const different = ra.findIndex((rank, place) => rank !== rb[place]);
        const byRank = different < 0 ? ra.length - rb.length : (ra[different] ?? 0) - (rb[different] ?? -1);
        expect(Math.sign(byRank)).toBe(Math.sign(compareLabels(a, b)));
      }),
    );
  });

  test("have every parent and every namespace's unconfined, parents of namespaces first", () => {
    fc.assert(
      fc.property(some, (profiles) => {
        const numbers = new PolicyNumbers({ profiles });
        expect(numbers.namespaces[0]).toEqual([]);
        expect(numbers.namespaces).toEqual(numbers.namespaces.toSorted(compareNamespaces));
        for (const path of numbers.namespaces) {
          if (path.length > 0)
            expect(numbers.namespace(path.slice(0, -1))).toBeLessThan(numbers.namespace(path));
          expect(numbers.profiles[numbers.unconfined(path)]).toEqual({
            namespace: path,
            profile: "unconfined",
          });
        }
        const ranks = numbers.profiles.map((_, index) => numbers.rank(index));
        expect(ranks.toSorted((x, y) => x - y)).toEqual(ranks.map((_, place) => place + 1));
        for (const [index, { profile }] of numbers.profiles.entries()) {
          const parent = numbers.parent(index);
          expect(parent === null ? null : numbers.profiles[parent]?.profile).toBe(parentName(profile));
          if (parent === null) continue;
          expect(parent).toBeLessThan(index);
          expect(numbers.descendants(parent)).toContain(index);
        }
      }),
    );
  });

  test("keep the order in which profiles were given, behind the root's unconfined", () => {
    const { profiles } = labelPopulation("test", 500);
    const numbers = new PolicyNumbers({ profiles });
    expect(numbers.profiles.slice(1, profiles.length + 1)).toEqual(profiles);
    expect(numbers.unconfined([])).toBe(0);
  });

  test("do not exist for names that nobody gave", () => {
    const numbers = new PolicyNumbers({ profiles: [{ namespace: ["a"], profile: "x" }] });
    expect(() => numbers.profile({ namespace: [], profile: "x" })).toThrow("has no number");
    expect(() => numbers.namespace(["b"])).toThrow(RangeError);
    expect(() => numbers.rank(9)).toThrow(RangeError);
  });
});

test("the parent of a child whose own name begins with a slash is what stands before the separator", () => {
  expect(parentName("smbldap-useradd///etc/init.d/nscd")).toBe("smbldap-useradd");
  expect(parentName("/usr/bin/man")).toBeNull();
});

test("hats are children whose last level has capitals and no small letters", () => {
  expect(["httpd//DEFAULT_URI", "sshd//PRIVSEP.2", "a//b//EXEC"].map(isHatName)).toEqual([true, true, true]);
  expect(["DEFAULT_URI", "sshd//passwd", "A//b", "a//42"].map(isHatName)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
