import { describe, expect, it } from "vitest";
import { splitContext } from "../../src/policy/context.ts";
import { caretLines, LabelError } from "../../src/policy/label-error.ts";
import { type ParseOptions, parseLabel } from "../../src/policy/parse-label.ts";
import { PolicyModel } from "../../src/policy/policy-model.ts";

function failure(text: string, options: ParseOptions = {}): LabelError {
  try {
    parseLabel(text, options);
  } catch (error) {
    if (error instanceof LabelError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

const model = new PolicyModel();
model.createNamespace(["web"]);
model.createNamespace(["web", "inner"]);
model.load([], [{ name: "nginx" }, { name: "nginx//worker" }], false);
model.loadProfile(["web"], "php-fpm");
const names = model.names();

describe("a label that cannot be read", () => {
  it.each([
    ["", 1, "einval", "a label is empty"],
    [" \t\n", 1, "einval", "a label is empty"],
    ["ab\0c", 3, "einval", "a label has a NUL"],
    ["//A", 1, "enoent", "a profile's name has an empty level"],
    ["A//", 4, "enoent", "a profile's name has an empty level"],
    ["A////B", 4, "enoent", "a profile's name has an empty level"],
    ["X//&:ns:A//", 12, "enoent", "a profile's name has an empty level"],
    [":a//:B", 5, "enoent", "a namespace's name has an empty level"],
    ["X//&:a////b:B", 9, "enoent", "a namespace's name has an empty level"],
    [`X//&:a//${"n".repeat(256)}:B`, 9, "enametoolong", "a namespace's name has 256 bytes"],
    [`:a:${"x".repeat(254)}`, 4, "enametoolong", "a profile's directory name has 256 bytes"],
    [`X//&${"p".repeat(10)}//${"é/".repeat(30_000)}`, 5, "enametoolong", "a profile's name has 90012 bytes"],
  ])("%j: column %i, %s", (text, column, code, message) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.errno).toBe(code.toUpperCase());
    expect(error.column).toBe(column);
    expect(error.message.split("\n")[0]).toBe(`${message} (column ${column})`);
  });

  it.each([
    ["ngin", 1, "no profile `ngin` in the root namespace", "did you mean `nginx`?"],
    ["nginx//&:web:php-fmp", 14, "no profile `php-fmp` in namespace `web`", "did you mean `php-fpm`?"],
    ["nginx//&:wbe:php-fpm", 10, "no namespace `wbe` in the root namespace", "did you mean `web`?"],
    [":web//iner:x", 7, "no namespace `iner` in namespace `web`", "did you mean `inner`?"],
    ["nginx//&nginx//worker2", 9, "no profile `nginx//worker2`", "did you mean `nginx//worker`?"],
    [":web:nginx", 6, "no profile `nginx` in namespace `web`", "Load it first"],
  ])("%s: not in the policy at column %i", (text, column, message, hint) => {
    const error = failure(text, { names });
    expect(error.code).toBe("enoent");
    expect(error.column).toBe(column);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it("has more parts than configured, at the first that is too many", () => {
    const error = failure("A//&:ns:B//&A//&D", { maxParts: 2 });
    expect([error.code, error.column]).toEqual(["einval", 13]);
    expect(failure("&B", { maxParts: 1 }).message).toContain("more than 1 profile (column 2)");
    expect(parseLabel("A//&A//&B", { maxParts: 2 })).toHaveLength(2);
  });

  it("shows the text with a caret and what would be right", () => {
    expect(failure("nginx//&:wbe:php-fpm", { names }).format()).toBe(
      [
        "no namespace `wbe` in the root namespace (column 10)",
        "  nginx//&:wbe:php-fpm",
        "           ^",
        "  Create it first; names start from the base's namespace; did you mean `web`?",
      ].join("\n"),
    );
  });

  it("has a mode that no kernel writes", () => {
    expect(() => splitContext("nginx (enforced)")).toThrow(/`enforced` is no mode \(column 8\)/);
    try {
      splitContext("nginx (enforced)");
    } catch (error) {
      expect((error as LabelError).hint).toContain("did you mean `enforce`?");
    }
  });
});

describe("the caret", () => {
  it("stands below the column, one past the end included", () => {
    expect(caretLines("abc", 3)).toBe("  abc\n    ^");
    expect(caretLines("abc", 4)).toBe("  abc\n     ^");
  });

  it("stays there in a long text, of which only the neighbourhood is shown", () => {
    for (const column of [1, 40, 150, 299, 300, 301]) {
      const text = `${"x".repeat(column - 1)}!${"y".repeat(300 - Math.min(column, 300))}`;
      const [line, caret] = caretLines(text, column).split("\n");
      expect(line?.length).toBeLessThan(82);
      expect(line?.[caret?.indexOf("^") ?? 0]).toBe("!");
    }
  });

  it("is not moved by control characters", () => {
    expect(caretLines("a\tb\nc", 5)).toBe("  a\u00b7b\u00b7c\n      ^");
  });
});
