import { expect, test } from "vitest";
import { Random } from "../../src/workloads/random.ts";

test("the same seed draws the same numbers, another seed others", () => {
  const draw = (seed: string) => {
    const random = new Random(seed);
    return Array.from({ length: 8 }, () => random.below(1000));
  };
  expect(draw("one")).toEqual(draw("one"));
  expect(draw("one")).not.toEqual(draw("two"));
  expect(draw("one")).toEqual([340, 958, 781, 543, 315, 563, 622, 775]);
});

test("exponential times are the same to the ns everywhere and have the mean that was asked for", () => {
  const random = new Random("think");
  expect(Array.from({ length: 5 }, () => random.exponentialNs(35_000))).toEqual([
    33_133, 53_969, 171_516, 99_970, 11_506,
  ]);
  let sum = 0;
  let longest = 0;
  for (let i = 0; i < 100_000; i++) {
    const ns = random.exponentialNs(35_000);
    sum += ns;
    longest = Math.max(longest, ns);
  }
  expect(sum / 100_000).toBeGreaterThan(34_600);
  expect(sum / 100_000).toBeLessThan(35_400);
  expect(longest).toBeLessThan(35_000 * 9.1);
});

test("a shuffle keeps every item, and pick finds every item", () => {
  const random = new Random("cards");
  const items = Array.from({ length: 20 }, (_, index) => index);
  const shuffled = random.shuffle(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((x, y) => x - y)).toEqual(items);
  expect(new Set(Array.from({ length: 500 }, () => random.pick(items))).size).toBe(20);
  expect(() => random.pick([])).toThrow(RangeError);
});

test("chances of 0 and 1 are certain", () => {
  const random = new Random("certain");
  const draws = Array.from({ length: 1000 }, () => [random.chance(0), random.chance(1)]);
  expect(draws.every(([never, always]) => never === false && always === true)).toBe(true);
});
