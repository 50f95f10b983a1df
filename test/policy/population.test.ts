import { describe, expect, it } from "vitest";
import { partsKey } from "../../src/policy/label-parts.ts";
import { profileTooLong } from "../../src/policy/name-limits.ts";
import { parseLabel } from "../../src/policy/parse-label.ts";
import { PolicyModel } from "../../src/policy/policy-model.ts";
import { labelPopulation } from "../../src/policy/population.ts";
import { profileNames } from "../../src/policy/profile-names.ts";

describe("the real names", () => {
  it("are 155, sorted, each once, each with its parent, all short enough", () => {
    expect(profileNames).toHaveLength(155);
    expect([...new Set(profileNames)].sort()).toEqual(profileNames);
    for (const name of profileNames) {
      const border = name.indexOf("//");
      if (border >= 0) expect(profileNames).toContain(name.slice(0, border));
      expect(profileTooLong(name)).toBeUndefined();
    }
  });
});

describe("a population of labels", () => {
  const population = labelPopulation("test", 10_000, { namespaces: 4 });

  it("is the same for the same seed only", () => {
    expect(labelPopulation("test", 10_000, { namespaces: 4 })).toEqual(population);
    expect(labelPopulation("other", 10_000, { namespaces: 4 }).texts).not.toEqual(population.texts);
  });

  it("has as many labels as asked for, all different and canonical", () => {
    expect(population.texts).toHaveLength(10_000);
    const keys = population.texts.map((text) => partsKey(parseLabel(text)));
    expect(new Set(keys).size).toBe(10_000);
  });

  it("loads as a policy in its order and finds every label", () => {
    const model = new PolicyModel();
    for (const path of population.namespaces) expect(model.createNamespace(path).ok).toBe(true);
    const names = new Map<string, { name: string }[]>();
    for (const { namespace, profile } of population.profiles) {
      const key = namespace.join("//");
      const list = names.get(key) ?? [];
      names.set(key, list);
      list.push({ name: profile });
    }
    for (const [key, list] of names) {
      expect(model.load(key === "" ? [] : key.split("//"), list, false).ok).toBe(true);
    }
    for (const text of population.texts.slice(7900, 8100)) {
      const label = model.parse(text);
      expect(label.ok && model.print(label.value)).toBe(text);
    }
  });

  it("begins with plain profiles, then children, namespaces and compounds, in their shares", () => {
    const parts = population.texts.map((text) => parseLabel(text));
    const kind = parts.map((label) => {
      if (label.length > 1) return 3;
      if (label[0]?.namespace.length !== 0) return 2;
      return label[0].profile.includes("//") ? 1 : 0;
    });
    expect(kind).toEqual([...kind].sort());
    const counts = [0, 1, 2, 3].map((wanted) => kind.filter((one) => one === wanted).length);
    expect(counts).toEqual([1440, 160, 6400, 2000]);
    expect(population.profiles).toHaveLength(8000);
    const realChildren = profileNames.filter((name) => name.includes("//"));
    expect(population.texts.slice(1440, 1440 + realChildren.length).sort()).toEqual(realChildren);
  });

  it("halves the number of compounds with every part", () => {
    const sizes = population.texts.slice(8000).map((text) => parseLabel(text).length);
    const counts = Array.from({ length: 9 }, (_, size) => sizes.filter((one) => one === size).length);
    expect(counts.slice(0, 2)).toEqual([0, 0]);
    for (const [index, share] of [0.5, 0.25, 0.125].entries()) {
      expect((counts[index + 2] ?? 0) / 2000).toBeCloseTo(share, 1);
    }
    expect(counts.reduce((sum, count) => sum + count)).toBe(2000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
  });

  it("takes larger compounds where the small ones run out, and says where none are left", () => {
    const all = labelPopulation("few", 15, { compoundShare: 0.74, namespaces: 0, children: 0 });
    expect(all.profiles).toHaveLength(4);
    // Four profiles have 11 compounds: 6 of two parts, 4 of three, 1 of four.
    expect(
      all.texts
        .slice(4)
        .map((text) => parseLabel(text).length)
        .sort(),
    ).toEqual([2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4]);
    expect(() => labelPopulation("few", 20, { compoundShare: 0.8, namespaces: 0 })).toThrow(RangeError);
    expect(() => labelPopulation("one", 2, { compoundShare: 0.5 })).toThrow(RangeError);
  });

  it("works without namespaces, children or compounds", () => {
    const plain = labelPopulation("plain", 400, { compoundShare: 0, namespaces: 0, children: 0 });
    expect(plain.namespaces).toEqual([]);
    expect(plain.texts.every((text) => !text.includes("//") && !text.startsWith(":"))).toBe(true);
    expect(plain.texts.some((text) => text.endsWith(".3"))).toBe(true);
  });

  it.each([
    [0, {}],
    [1.5, {}],
    [10, { compoundShare: -0.1 }],
    [10, { compoundShare: 1.1 }],
    [10, { namespaces: 1.5 }],
    [10, { children: 0.6 }],
    [10, { maxParts: 1 }],
    [10, { compoundShare: Number.NaN }],
  ])("refuses %s with %j", (count, options) => {
    expect(() => labelPopulation("x", count, options)).toThrow(RangeError);
  });
});
