import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalParts, type LabelPart, rootUnconfined } from "../../src/policy/label-parts.ts";
import { parseLabel } from "../../src/policy/parse-label.ts";
import { printLabel } from "../../src/policy/print-label.ts";
import { labelParts, settings } from "./arbitrary.ts";

// The same cases in every run.
fc.configureGlobal({ seed: 20_261_121 });

const part = (profile: string, ...namespace: string[]): LabelPart => ({ namespace, profile });

/** Texts of AppArmor's own documentation: wiki pages, manual pages, head comment of the kernel's policy.c. */
const documented: readonly [source: string, text: string, parts: readonly LabelPart[]][] = [
  ["aa_splitcon(3)", "unconfined", [part("unconfined")]],
  ["aa_splitcon(3)", "/usr/sbin/rsyslogd", [part("/usr/sbin/rsyslogd")]],
  ["aa_stack_profile(2)", "profile_a//&profile_b", [part("profile_a"), part("profile_b")]],
  ["AppArmorStacking", "A//&B//&C", [part("A"), part("B"), part("C")]],
  ["AppArmorStacking", "local_profile//&:ns1:profile", [part("local_profile"), part("profile", "ns1")]],
  ["AppArmorStacking", "vm1//&:ns1:unconfined", [part("vm1"), part("unconfined", "ns1")]],
  ["AppArmorStacking", "A//&:ns1://C", [part("A"), part("C", "ns1")]],
  ["AppArmorStacking", "A//&:ns1:B//&:ns1//ns2:C", [part("A"), part("B", "ns1"), part("C", "ns1", "ns2")]],
  ["AppArmorStacking", "C//&:ns1:", [part("C"), part("unconfined", "ns1")]],
  ["AppArmorProfileSpec", ":ns1:profile", [part("profile", "ns1")]],
  ["AppArmorProfileSpec", ":ns1://profile", [part("profile", "ns1")]],
  ["systemd AppArmorProfile=", ":ns1://unconfined", [part("unconfined", "ns1")]],
  ["systemd AppArmorProfile=", "/bin/foo//&bar", [part("/bin/foo"), part("bar")]],
  ["systemd AppArmorProfile=", "/bin/foo//&:ns1://unconfined", [part("/bin/foo"), part("unconfined", "ns1")]],
  ["policy.c", "/bin/bash///bin/ls", [part("/bin/bash///bin/ls")]],
  ["policy.c", ":ns:/bin/bash//bin/ls", [part("/bin/bash//bin/ls", "ns")]],
  ["a Debian hat", "/usr/sbin/httpd2-prefork//DEFAULT_URI", [part("/usr/sbin/httpd2-prefork//DEFAULT_URI")]],
];

describe("a label's text", () => {
  it.each(documented)("of %s: %s", (_, text, parts) => {
    expect(parseLabel(text)).toEqual(canonicalParts(parts));
  });

  it("puts parts in the order of depth, namespace and name, each once", () => {
    expect(printLabel(parseLabel("z//&b//&:b:a//&:a:z//&:a//x:a//&::z//&:a:b"))).toBe(
      "b//&z//&:a:b//&z//&:b:a//&:a//x:a",
    );
  });

  it("compares bytes, not letters", () => {
    expect(printLabel(parseLabel("a//&B//&_//&\u{1f63a}//&\uffee"))).toBe("B//&_//&a//&\uffee//&\u{1f63a}");
  });

  it("carries a namespace on to names without one, until another is named", () => {
    expect(parseLabel(":ns:A//&B")).toEqual([part("A", "ns"), part("B", "ns")]);
    expect(parseLabel("A//&:ns:B//&C//&:other:D//&E")).toEqual([
      part("A"),
      part("B", "ns"),
      part("C", "ns"),
      part("D", "other"),
      part("E", "other"),
    ]);
  });

  it("resolves a namespace from the base and not from the one before", () => {
    expect(parseLabel(":a:X//&:b:Y")).toEqual([part("X", "a"), part("Y", "b")]);
    expect(parseLabel(":a:X//&::Y")).toEqual([part("Y"), part("X", "a")]);
  });

  it("is relative to the namespace of the base's last part", () => {
    const base = parseLabel("A//&:ns1:B");
    expect(parseLabel("C//&D", { base })).toEqual([part("C", "ns1"), part("D", "ns1")]);
    expect(parseLabel(":ns2:C", { base })).toEqual([part("C", "ns1", "ns2")]);
  });

  it("stacks on the base with & or when told to", () => {
    const base = parseLabel("A");
    expect(printLabel(parseLabel("&B//&C", { base }))).toBe("A//&B//&C");
    expect(printLabel(parseLabel("&:ns1:profile", { base }))).toBe("A//&:ns1:profile");
    expect(printLabel(parseLabel("B", { base, stack: true }))).toBe("A//&B");
    expect(parseLabel("&A", { base })).toEqual(base);
  });

  it("takes what follows a namespace's colon with blanks, and blanks at the end as part of a name", () => {
    expect(parseLabel("  : ns: A")).toEqual([part("A", "ns")]);
    expect(parseLabel("A //& B")).toEqual([part("A "), part("B")]);
  });

  it("reads nothing where a name belongs as the unconfined of the namespace", () => {
    for (const text of [":ns", ":ns:", ":ns://", ":ns:  "]) {
      expect(parseLabel(text)).toEqual([part("unconfined", "ns")]);
    }
    for (const text of ["&", ":", "::", ": :"]) expect(parseLabel(text)).toEqual(rootUnconfined);
    expect(parseLabel("A//&")).toEqual([part("A"), part("unconfined")]);
  });

  it("does not split after a slash or before any name", () => {
    expect(parseLabel("/A///&B")).toEqual([part("/A///&B")]);
    expect(parseLabel("A//&B///&C")).toEqual([part("A"), part("B///&C")]);
  });

  it("has as many parts as there are", () => {
    const text = Array.from({ length: 40 }, (_, index) => `p${String(index).padStart(2, "0")}`).join("//&");
    expect(parseLabel(text)).toHaveLength(40);
    expect(printLabel(parseLabel(text))).toBe(text);
  });

  it("comes back from what was printed", () => {
    fc.assert(
      fc.property(labelParts, (parts) => {
        expect(parseLabel(printLabel(parts))).toEqual(parts);
      }),
      settings,
    );
  });

  it("comes back from what a namespace sees of it", () => {
    fc.assert(
      fc.property(labelParts, fc.nat(), (parts, pick) => {
        const view = parts[pick % parts.length]?.namespace ?? [];
        const seen = parts.filter(({ namespace }) => view.every((name, level) => namespace[level] === name));
        const base = [part("unconfined", ...view)];
        expect(parseLabel(printLabel(parts, { view }), { base })).toEqual(seen);
      }),
      settings,
    );
  });

  it("means the same in any order of its parts", () => {
    fc.assert(
      fc.property(labelParts, fc.infiniteStream(fc.nat()), (parts, numbers) => {
        const keyed = parts.map((one) => ({ one, key: numbers.next().value as number }));
        const mixed = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
        const text = mixed.map(({ namespace, profile }) => `:${namespace.join("//")}:${profile}`).join("//&");
        expect(parseLabel(text)).toEqual(parts);
      }),
      settings,
    );
  });
});
