import { describe, expect, it } from "vitest";
import { PolicyModel } from "../../src/policy/policy-model.ts";
import type { ModelLabel, PolicyResult } from "../../src/policy/policy-objects.ts";

/** The value of what must succeed. */
function value<T>(result: PolicyResult<T>): T {
  if (!result.ok) throw new Error(`${result.errno}: ${result.why}`);
  return result.value;
}

/** The error of what must fail; "done" where it does not. */
const errno = (result: PolicyResult<unknown>): string => (result.ok ? "done" : result.errno);

/** A policy with profiles A, A//hat, B, :ns:C, :ns//in:D. */
function example(): PolicyModel {
  const model = new PolicyModel();
  value(model.createNamespace(["ns"]));
  value(model.createNamespace(["ns", "in"]));
  value(model.load([], [{ name: "A" }, { name: "A//hat" }, { name: "B" }], false));
  value(model.loadProfile(["ns"], "C"));
  value(model.loadProfile(["ns", "in"], "D"));
  return model;
}

const find = (model: PolicyModel, text: string): ModelLabel => value(model.parse(text));

describe("namespaces of the model", () => {
  it("are refused with the kernel's errors", () => {
    const model = example();
    expect(errno(model.createNamespace([]))).toBe("EEXIST");
    expect(errno(model.createNamespace(["ns"]))).toBe("EEXIST");
    expect(errno(model.createNamespace(["none", "x"]))).toBe("ENOENT");
    expect(errno(model.createNamespace(["n".repeat(255)]))).toBe("done");
    expect(errno(model.createNamespace(["n".repeat(256)]))).toBe("ENAMETOOLONG");
    for (const name of ["", " ", ".", "..", "a/b", "a:b", "@a", "a\0"]) {
      expect([name, errno(model.createNamespace([name]))]).toEqual([name, "EINVAL"]);
    }
    expect(errno(model.destroyNamespace([]))).toBe("EBUSY");
    expect(errno(model.destroyNamespace(["none"]))).toBe("ENOENT");
  });

  it("become the parent's unconfined, with everything in them", () => {
    const model = example();
    const labels = [":ns:C", ":ns:", ":ns//in:D", ":ns//in:", ":ns:C//&:ns//in:D"].map((text) =>
      find(model, text),
    );
    value(model.destroyNamespace(["ns"]));
    for (const label of labels) {
      expect(model.isStale(label)).toBe(true);
      expect(model.newest(label)).toBe(model.root.unconfined.label);
    }
    expect(errno(model.parse(":ns:C"))).toBe("ENOENT");
    expect(errno(model.destroyNamespace(["ns"]))).toBe("ENOENT");
  });

  it("are new when created again under the same name", () => {
    const model = example();
    const old = find(model, "A//&:ns:C");
    value(model.destroyNamespace(["ns"]));
    value(model.createNamespace(["ns"]));
    value(model.loadProfile(["ns"], "C"));
    const fresh = find(model, "A//&:ns:C");
    expect(fresh).not.toBe(old);
    expect(model.print(model.newest(old))).toBe("A//&unconfined");
    expect(model.isStale(fresh)).toBe(false);
  });
});

describe("profiles of the model", () => {
  it("are refused with the kernel's errors", () => {
    const model = example();
    expect(errno(model.loadProfile([], "A"))).toBe("EEXIST");
    expect(errno(model.loadProfile(["none"], "A"))).toBe("ENOENT");
    expect(errno(model.loadProfile([], "none//child"))).toBe("ENOENT");
    expect(errno(model.loadProfile([], "A//"))).toBe("ENOENT");
    expect(errno(model.loadProfile([], ""))).toBe("EPROTO");
    expect(errno(model.loadProfile([], ":ns:"))).toBe("EPROTO");
    expect(errno(model.loadProfile([], "unconfined"))).toBe("EPERM");
    expect(errno(model.replaceProfile(["ns"], "unconfined"))).toBe("EPERM");
    for (const name of ["&A", "^A", "@A", "A//&B", "A\0"]) {
      expect([name, errno(model.loadProfile([], name))]).toEqual([name, "EINVAL"]);
    }
    expect(errno(model.removeProfile([], "none"))).toBe("ENOENT");
    expect(errno(model.removeProfile(["none"], "A"))).toBe("ENOENT");
    expect(errno(model.removeProfile([], "unconfined"))).toBe("ENOENT");
    expect(errno(model.removeProfile([], "A"))).toBe("done");
    expect(errno(model.removeProfile([], "A"))).toBe("ENOENT");
  });

  it("have names as long as their directory allows, whose number counts", () => {
    const model = new PolicyModel();
    expect(errno(model.loadProfile([], `/usr/${"x".repeat(250)}`))).toBe("ENAMETOOLONG");
    expect(errno(model.loadProfile([], `/usr/${"x".repeat(249)}`))).toBe("done");
    for (let number = 1; number < 10; number++) value(model.loadProfile([], `p${number}`));
    expect(errno(model.loadProfile([], `/bin/${"x".repeat(249)}`))).toBe("ENAMETOOLONG");
    expect(errno(model.loadProfile([], `/bin/${"x".repeat(248)}`))).toBe("done");
    // What the directory leaves out, the name may have.
    expect(errno(model.loadProfile([], `/${"{".repeat(300)}`))).toBe("done");
    expect(errno(model.loadProfile([], `x${"{".repeat(65_533)}`))).toBe("done");
    expect(errno(model.loadProfile([], `x${"{".repeat(65_534)}`))).toBe("EPROTO");
  });

  it("of a set have one namespace, which is created", () => {
    const model = example();
    const names = (...list: string[]) => list.map((name) => ({ name }));
    expect(errno(model.load([], names(":ns:X", ":other:Y"), true))).toBe("EACCES");
    expect(errno(model.load([], names("X", ":ns:Y"), true))).toBe("EACCES");
    expect(errno(model.load(["ns"], names(":ns:X"), true))).toBe("done");
    expect(model.print(find(model, ":ns//ns:X"))).toBe(":ns//ns:X");
    expect(errno(model.load([], names(":new:X", "Y"), false))).toBe("done");
    expect(model.print(find(model, ":new:Y"))).toBe(":new:Y");
    expect(errno(model.load([], names(":a//b:X"), false))).toBe("EACCES");
  });

  it("of a set are loaded all or not at all", () => {
    const model = example();
    const before = model.labels().map((label) => label.id);
    expect(errno(model.load([], [{ name: "N" }, { name: "B" }], false))).toBe("EEXIST");
    expect(errno(model.load([], [{ name: "N" }, { name: "N" }], true))).toBe("EEXIST");
    expect(errno(model.load([], [{ name: "N//c" }, { name: "M//c" }], true))).toBe("ENOENT");
    expect(errno(model.load([], [{ name: ":n:x" }, { name: "y//z" }], true))).toBe("ENOENT");
    expect(model.labels().map((label) => label.id)).toEqual(before);
    expect(errno(model.load([], [{ name: "N//c" }, { name: "N" }], false))).toBe("done");
  });

  it("are replaced with their compounds, and keep their children", () => {
    const model = example();
    const [a, hat, both] = ["A", "A//hat", "A//&:ns:C"].map((text) => find(model, text)) as [
      ModelLabel,
      ModelLabel,
      ModelLabel,
    ];
    const profile = value(model.replaceProfile([], "A", "complain"));
    expect(model.newest(a)).toBe(profile.label);
    expect(model.isStale(hat)).toBe(false);
    expect(model.isStale(both)).toBe(true);
    expect(model.newest(both).profiles.map(({ label }) => label)).toContain(profile.label);
    expect(model.print(both, { modes: true })).toBe("A//&:ns:C (enforce)");
    expect(model.print(model.newest(both), { modes: true })).toBe("A//&:ns:C (mixed)");
    expect(find(model, "A//&:ns:C")).toBe(model.newest(both));
  });

  it("are removed with their children, to their namespace's unconfined", () => {
    const model = example();
    const labels = ["A", "A//hat", "A//&A//hat", "A//&B", ":ns:C//&::A"].map((text) => find(model, text));
    expect(value(model.removeProfile([], "A")).map(({ name }) => name)).toEqual(["A", "A//hat"]);
    expect(labels.map((label) => model.print(model.newest(label)))).toEqual([
      "unconfined",
      "unconfined",
      "unconfined",
      "B//&unconfined",
      "unconfined//&:ns:C",
    ]);
    value(model.loadProfile([], "A"));
    expect(model.newest(labels[0] as ModelLabel)).toBe(model.root.unconfined.label);
  });
});

describe("labels of the model", () => {
  it("are one per set of profiles, however they are asked for", () => {
    const model = example();
    const label = find(model, "A//&:ns:C");
    expect(find(model, ":ns:C//&::A")).toBe(label);
    expect(model.merge(find(model, ":ns:C"), find(model, "A"))).toBe(label);
    expect(model.merge(label, find(model, "A"))).toBe(label);
    expect(value(model.parse("&:ns:C", { base: find(model, "A") }))).toBe(label);
  });

  it("are not made by looking", () => {
    const model = example();
    const parts = [
      { namespace: [], profile: "A" },
      { namespace: [], profile: "B" },
    ];
    expect(model.find(parts)).toBeUndefined();
    expect(model.find(parts.slice(0, 1))).toBe(find(model, "A"));
    const label = value(model.findOrCreate(parts));
    expect(model.find(parts)).toBe(label);
    expect(errno(model.findOrCreate([]))).toBe("EINVAL");
    expect(errno(model.findOrCreate([{ namespace: ["none"], profile: "A" }]))).toBe("ENOENT");
  });

  it("of the text have the column of what is wrong", () => {
    const result = example().parse("A//&:ns:Z");
    expect(result.ok ? undefined : [result.errno, result.error?.column]).toEqual(["ENOENT", 9]);
    expect(errno(example().parse(" "))).toBe("EINVAL");
    expect(errno(example().parse("A//&B//&:ns:C", { maxParts: 2 }))).toBe("EINVAL");
  });

  it("find unconfined by any beginning of its name, as the kernel does", () => {
    const model = example();
    expect(find(model, "unconf")).toBe(model.root.unconfined.label);
    expect(model.print(find(model, ":ns:u"))).toBe(":ns:unconfined");
    value(model.loadProfile([], "unconf"));
    expect(model.print(find(model, "unconf"))).toBe("unconf");
    expect(errno(model.parse("unconfined2"))).toBe("ENOENT");
  });
});
