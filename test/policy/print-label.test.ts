import { describe, expect, it } from "vitest";
import { parseContext, splitContext } from "../../src/policy/context.ts";
import type { LabelPart } from "../../src/policy/label-parts.ts";
import type { ProfileMode } from "../../src/policy/modes.ts";
import { parseLabel } from "../../src/policy/parse-label.ts";
import { printLabel } from "../../src/policy/print-label.ts";

const modes =
  (byName: Readonly<Record<string, ProfileMode>>) =>
  ({ profile }: LabelPart): ProfileMode =>
    byName[profile] ?? "enforce";

describe("what a namespace sees of a label", () => {
  // Examples of the wiki page AppArmorStacking, "Stacks and policy namespace views".
  it("is all of it from the root", () => {
    expect(printLabel(parseLabel("vm1//&:ns1:unconfined"))).toBe("vm1//&:ns1:unconfined");
  });

  it("is only what is in it, without its own name", () => {
    expect(printLabel(parseLabel("vm1//&:ns1:unconfined"), { view: ["ns1"] })).toBe("unconfined");
    expect(printLabel(parseLabel("A//&:ns1:B//&:ns1//ns2:C"), { view: ["ns1"] })).toBe("B//&:ns2:C");
  });

  it("is --- where it sees nothing, or unconfined for aa_getcon", () => {
    const label = parseLabel("S");
    expect(printLabel(label, { view: ["ns1"] })).toBe("---");
    expect(printLabel(label, { view: ["ns1"], hiddenAsUnconfined: true })).toBe("unconfined");
  });

  it("leaves the namespaces below out where they are not to be seen", () => {
    const label = parseLabel("A//&:ns1:B");
    expect(printLabel(label, { subNamespaces: false })).toBe("A");
    expect(printLabel(label, { view: ["ns1"], subNamespaces: false })).toBe("B");
    expect(printLabel(label, { view: ["ns2"], subNamespaces: false })).toBe("---");
  });

  it("does not take a name for another that begins alike", () => {
    expect(printLabel(parseLabel(":ns10:A"), { view: ["ns1"] })).toBe("---");
  });

  it("names a namespace once for all that follow", () => {
    const label = parseLabel(":a:X//&:a:Y//&:a//b:Z//&:b:W//&V");
    expect(printLabel(label)).toBe(":a:X//&Y//&:b:V//&W//&:a//b:Z");
  });
});

describe("the mode", () => {
  it.each<[string, Readonly<Record<string, ProfileMode>>, string]>([
    ["/bin/ping", {}, "/bin/ping (enforce)"],
    ["/usr/sbin/rsyslogd", { "/usr/sbin/rsyslogd": "complain" }, "/usr/sbin/rsyslogd (complain)"],
    ["A", { A: "kill" }, "A (kill)"],
    ["A", { A: "user" }, "A (user)"],
    ["A", { A: "unconfined" }, "A (unconfined)"],
    ["unconfined", {}, "unconfined"],
    [":ns1:unconfined", {}, ":ns1:unconfined"],
    ["A//&B", {}, "A//&B (enforce)"],
    ["A//&B", { B: "complain" }, "A//&B (mixed)"],
    ["A//&B", { B: "unconfined" }, "A//&B (mixed)"],
    ["profile_foo//&:ns1:unconfined", {}, "profile_foo//&:ns1:unconfined (enforce)"],
  ])("of %s with %j", (text, byName, printed) => {
    expect(printLabel(parseLabel(text), { modeOf: modes(byName) })).toBe(printed);
  });

  it("counts what is seen only", () => {
    const label = parseLabel("A//&:ns1:B//&:ns1:unconfined");
    const modeOf = modes({ A: "complain" });
    expect(printLabel(label, { modeOf })).toBe("A//&:ns1:B//&unconfined (mixed)");
    expect(printLabel(label, { modeOf, view: ["ns1"] })).toBe("B//&unconfined (enforce)");
    expect(printLabel(label, { modeOf, view: ["other"] })).toBe("---");
  });
});

describe("a context", () => {
  it.each([
    // The table of aa_splitcon(3), and what libapparmor's own test adds.
    ["unconfined", "unconfined", null],
    ["unconfined\n", "unconfined", null],
    ["/bin/ping (enforce)", "/bin/ping", "enforce"],
    ["/bin/ping (enforce)\n", "/bin/ping", "enforce"],
    ["/usr/sbin/rsyslogd (complain)", "/usr/sbin/rsyslogd", "complain"],
    ["(odd) (enforce)", "(odd)", "enforce"],
    ["(odd) (enforce) (enforce)", "(odd) (enforce)", "enforce"],
    ["/usr/bin/\u{1f63a} (enforce)", "/usr/bin/\u{1f63a}", "enforce"],
    ["A//&B (mixed)", "A//&B", "mixed"],
    ["A (-)", "A", "-"],
    // Not split, as there; libapparmor refuses these, where a label without mode is good enough here.
    ["profile\t(enforce)", "profile\t(enforce)", null],
    ["profile(enforce)", "profile(enforce)", null],
  ])("%j is label and mode", (text, label, mode) => {
    expect(splitContext(text)).toEqual({ label, mode });
  });

  it("is read as a whole", () => {
    expect(parseContext(":ns1:B//&A (mixed)\n")).toEqual({ parts: parseLabel(":ns1:A//&B"), mode: "mixed" });
    expect(() => parseContext(" (enforce)")).toThrow("a label is empty (column 1)");
  });
});
