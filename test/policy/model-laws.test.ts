/** Laws that hold after any history of policy: newest, merge, uniqueness, text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalParts, partsKey } from "../../src/policy/label-parts.ts";
import { PolicyModel } from "../../src/policy/policy-model.ts";
import { type ModelLabel, partsOf } from "../../src/policy/policy-objects.ts";
import { settings } from "./arbitrary.ts";

// The same cases in every run.
fc.configureGlobal({ seed: 20_261_121 });

const path = fc.constantFrom([], ["a"], ["b"], ["a", "c"], ["a", "c", "d"]);
const name = fc.constantFrom("P", "Q", "R", "P//h", "P//h//i", "Q//h");

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("create" as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("destroy" as const), path }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("load" as const), path, name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("replace" as const), path, name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), path, name }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("merge" as const), x: fc.nat(), y: fc.nat() }) },
);

const history = fc.array(step, { maxLength: 60, size: "max" });

/** Runs a history; returns the model and every label that ever was. */
function run(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): {
  readonly model: PolicyModel;
  readonly all: readonly ModelLabel[];
} {
  const model = new PolicyModel();
  const all = new Set<ModelLabel>(model.labels());
  for (const one of steps) {
    switch (one.kind) {
      case "create":
        model.createNamespace(one.path);
        break;
      case "destroy":
        model.destroyNamespace(one.path);
        break;
      case "load":
        model.loadProfile(one.path, one.name);
        break;
      case "replace":
        model.replaceProfile(one.path, one.name, "complain");
        break;
      case "remove":
        model.removeProfile(one.path, one.name);
        break;
      default: {
        const list = [...all];
        model.merge(list[one.x % list.length] as ModelLabel, list[one.y % list.length] as ModelLabel);
      }
    }
    for (const label of model.labels()) all.add(label);
  }
  return { model, all: [...all] };
}

/** A history and three labels of it, stale ones among them. */
const scene = fc.tuple(history, fc.nat(), fc.nat(), fc.nat()).map(([steps, x, y, z]) => {
  const { model, all } = run(steps);
  const pick = (number: number): ModelLabel => all[number % all.length] as ModelLabel;
  return { model, all, a: pick(x), b: pick(y), c: pick(z) };
});

const holds = (law: (of: typeof scene extends fc.Arbitrary<infer Scene> ? Scene : never) => void): void =>
  fc.assert(
    fc.property(scene, (of) => {
      law(of);
    }),
    settings,
  );

describe("after any history", () => {
  it("newest is never stale, and no part of it is", () => {
    holds(({ model, all }) => {
      for (const label of all) {
        const newest = model.newest(label);
        expect(model.isStale(newest)).toBe(false);
        for (const profile of newest.profiles) {
          expect(model.isStale(profile.label)).toBe(false);
          expect(profile.namespace.alive).toBe(true);
        }
        if (!model.isStale(label)) expect(newest).toBe(label);
      }
    });
  });

  it("there is one label per name, in canonical order, found by its text", () => {
    holds(({ model }) => {
      const labels = model.labels();
      expect(new Set(labels.map((label) => partsKey(partsOf(label)))).size).toBe(labels.length);
      for (const label of labels) {
        expect(model.isStale(label)).toBe(false);
        expect(partsOf(label)).toEqual(canonicalParts(partsOf(label)));
        expect(model.parse(model.print(label))).toEqual({ ok: true, value: label });
      }
    });
  });

  it("merge does not care for order", () => {
    holds(({ model, a, b }) => expect(model.merge(a, b)).toBe(model.merge(b, a)));
  });

  it("merge does not care for grouping", () => {
    holds(({ model, a, b, c }) =>
      expect(model.merge(model.merge(a, b), c)).toBe(model.merge(a, model.merge(b, c))),
    );
  });

  it("merge with itself is the newest, and merging again changes nothing", () => {
    holds(({ model, a, b }) => {
      expect(model.merge(a, a)).toBe(model.newest(a));
      const both = model.merge(a, b);
      expect(model.merge(both, a)).toBe(both);
      expect(model.isStale(both)).toBe(false);
    });
  });

  it("merge has the newest profiles of both and no others", () => {
    holds(({ model, a, b }) => {
      const expected = new Set([...model.newest(a).profiles, ...model.newest(b).profiles]);
      expect(new Set(model.merge(a, b).profiles)).toEqual(expected);
    });
  });
});
