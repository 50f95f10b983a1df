/** What the front end accepts and what it makes of it. Behaviour of the built programs is the fuzzer's matter. */
import { describe, expect, it } from "vitest";
import type { IrStatement } from "../../src/link/ir.ts";
import { verifyIr } from "../../src/link/verify-ir.ts";
import { Op } from "../../src/machine/ops.ts";
import { linkText, machineImport, refusal } from "./front-harness.ts";

const strategyText = (extra = "", bytes = 8): string => `
import { layout, option, store, type bool, type i32, type ptr } from "refplay/machine";
export const labelBytes: i32 = ${bytes};
const labelAt: i32 = layout("label");
export function init(cpu: i32, holder: ptr, label: ptr): void { store(label + labelAt, 1); }
export function get(cpu: i32, holder: ptr, label: ptr): void { store(label + labelAt, 2); }
export function tryGet(cpu: i32, holder: ptr, label: ptr): bool { return true; }
export function put(cpu: i32, holder: ptr, label: ptr): void { store(label + labelAt, 3); }
${extra}
export default { title: "t", summary: "s", sources: [], options: { depth: { unit: "", default: 3, min: 1, max: 9, doc: "how deep" } },
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false } };
`;

/** All statements of a body, nested ones included. */
function flatten(body: readonly IrStatement[]): IrStatement[] {
  return body.flatMap((statement) => {
    if (statement.kind === "if") return [statement, ...flatten(statement.then), ...flatten(statement.else)];
    if (statement.kind === "block" || statement.kind === "loop")
      return [statement, ...flatten(statement.body)];
    return [statement];
  });
}

function stores(
  text: string,
  files: Record<string, string>,
  strategies: Parameters<typeof linkText>[2],
): number[] {
  const program = linkText(text, files, strategies);
  expect(verifyIr(program)).toEqual([]);
  return program.functions.flatMap((entry) =>
    flatten(entry.body).flatMap((statement) => {
      if (statement.kind !== "op" || statement.op !== Op.store) return [];
      const address = statement.args[0];
      return address?.kind === "binary" && address.right.kind === "const" ? [address.right.value] : [0];
    }),
  );
}

describe("constants", () => {
  it("keep their sign: unsigned ones are large, not negative, also in arms and enums", () => {
    const program = linkText(
      `${machineImport}const top: u32 = 4294967295;\nenum Top { value = top }\nexport const large: u32 = top > 1 ? 4294967295 : 5;\nexport const half: u32 = Top.value / 2;\nexport const shifted: i32 = -1 >> 4294967295;\nexport function f(): i32 { return 0; }\n`,
    );
    expect(["large", "half", "shifted"].map((name) => program.constants.get(name))).toEqual([
      -1, 2147483647, -1,
    ]);
  });

  it("are evaluated across files, enums and re-exports", () => {
    const program = linkText(
      `${machineImport}export { base, Kind } from "./a.ts";\nimport { Kind, base } from "./a.ts";\nexport const sum: i32 = base + Kind.third * 2;\nexport function f(): i32 { return sum; }\n`,
      {
        "a.ts": 'export * from "./b.ts";\nexport const base: i32 = 100;\n',
        "b.ts": "export enum Kind { first = 4, second, third = first + second }\n",
      },
    );
    expect(program.constants.get("sum")).toBe(118);
    expect(program.functions[0]?.body).toMatchObject([
      { kind: "return", value: { kind: "const", value: 118 } },
    ]);
  });

  it("wrap, truncate and compare as 32-bit values do", () => {
    const cases: [string, string, number][] = [
      ["i32", "-7 / 2", -3],
      ["i32", "-7 % 2", -1],
      ["i32", "7 >> 1", 3],
      ["i32", "-1 >> 31", -1],
      ["u32", "0xffffffff >>> 28", 15],
      ["u32", "0xffffffff / 2", 0x7fffffff],
      ["i32", "1 << 31", -0x80000000],
      ["i32", "i32(0xc0000000) + 1", -0x3fffffff],
      ["bool", "u32(1) < 0xffffffff", 1],
      ["bool", "i32(0xffffffff) < 1", 1],
      ["i32", "i32(true) + 1", 2],
      ["i32", "~5", -6],
      ["i32", "-5", -5],
      ["bool", "!(1 === 1)", 0],
    ];
    for (const [type, text, value] of cases) {
      const program = linkText(
        `${machineImport}export const value: ${type} = ${text};\nexport function f(): ${type} { return value; }\n`,
      );
      expect([text, program.constants.get("value")]).toEqual([text, value]);
    }
  });

  it("decide conditions, so that code behind a switched-off option is gone", () => {
    const program = linkText(
      `${machineImport}const verify: bool = false;\nexport function f(a: ptr): void { if (verify) { check(a); } else store(a, 1); }\nfunction check(a: ptr): void { mark(1, 2); }\n`,
    );
    expect(program.functions.map((entry) => entry.name)).toEqual(["f"]);
  });
});

describe("functions", () => {
  it("may end in a do loop that always returns in its first round", () => {
    const program = linkText(
      `${machineImport}export function f(a: i32): i32 { do { return a; } while (a !== 0); }\n`,
    );
    expect(verifyIr(program)).toEqual([]);
  });

  it("may shift by a negative count, which is taken modulo 32", () => {
    const program = linkText(`${machineImport}export function f(a: u32): u32 { return a >> -1; }\n`);
    expect(program.functions[0]?.body).toMatchObject([{ value: { op: "shrU", right: { value: -1 } } }]);
  });
});

describe("operations", () => {
  it("happen in the order in which the source evaluates them", () => {
    const program = linkText(
      `${machineImport}export function f(a: ptr): i32 { return load(a) - fetchAdd(a + 4, load(a + 8)); }\n`,
    );
    const ops = flatten(program.functions[0]?.body ?? []).flatMap((statement) =>
      statement.kind === "op" ? [statement.op] : [],
    );
    expect(ops).toEqual([Op.load, Op.load, Op.fetchAdd]);
    expect(verifyIr(program)).toEqual([]);
  });

  it("inside an arm of && happen only where the left side holds", () => {
    const program = linkText(
      `${machineImport}export function f(a: ptr): bool { return load(a) !== 0 && load(a + 4) === 1; }\n`,
    );
    const body = program.functions[0]?.body ?? [];
    expect(body[0]).toMatchObject({ kind: "op", op: Op.load });
    expect(body[1]).toMatchObject({ kind: "if" });
    expect(verifyIr(program)).toEqual([]);
  });

  it("give their cell to whatever type it goes to", () => {
    const program = linkText(
      `${machineImport}export function f(a: ptr): ptr { const next: ptr = load(a); const flags: u32 = load(next + 4); return flags > 3 ? next : load(a); }\n`,
    );
    expect(program.functions[0]?.locals.map((local) => local.type)).toContain("u32");
    expect(verifyIr(program)).toEqual([]);
  });

  it("know the file, line and column they come from", () => {
    const program = linkText(`${machineImport}export function f(a: ptr): void {\n  store(a, 1);\n}\n`);
    expect(program.functions[0]?.body[0]).toMatchObject({ position: { line: 3, column: 3 } });
    expect(program.files).toEqual(["main.ts"]);
  });
});

describe("strategies", () => {
  const main = (text: string): string => `import { type i32, type ptr } from "refplay/machine";\n${text}\n`;

  it("are called through refplay/strategy, and what they leave out has a default", () => {
    const program = linkText(
      main(
        'import { get, move, publish, maintain } from "refplay/strategy";\nexport function f(a: ptr): i32 { get(0, a, a); publish(0, a); move(0, a, a + 8, a); return maintain(0); }',
      ),
      { "s.ts": strategyText() },
      [{ instance: "s", path: "s.ts", options: {} }],
    );
    expect(verifyIr(program)).toEqual([]);
    expect(program.functions.map((entry) => [entry.name, entry.instance])).toContainEqual(["get", "s"]);
  });

  it("may be several in one program, each with its own bytes of a label", () => {
    const text = main(
      'import { get as getA } from "refplay/strategy/a";\nimport { get as getB } from "refplay/strategy/b";\nexport function f(x: ptr): void { getA(0, x, x); getB(0, x, x); }',
    );
    const uses = [
      { instance: "a", path: "a.ts", options: {} },
      { instance: "b", path: "b.ts", options: {} },
    ];
    expect(stores(text, { "a.ts": strategyText("", 12), "b.ts": strategyText() }, uses)).toEqual([0, 16]);
  });

  it("may be the same file twice with different options", () => {
    const extra = 'const depth: i32 = option("depth");\nexport const twice: i32 = depth * 2;';
    const text = main(
      'import { get as getA } from "refplay/strategy/a";\nimport { get as getB } from "refplay/strategy/b";\nexport function f(x: ptr): void { getA(0, x, x); getB(0, x, x); }',
    );
    const program = linkText(text, { "s.ts": strategyText(extra) }, [
      { instance: "a", path: "s.ts", options: { depth: 5 } },
      { instance: "b", path: "s.ts", options: {} },
    ]);
    expect([program.constants.get("a.twice"), program.constants.get("b.twice")]).toEqual([10, 6]);
  });

  const use = (options: Record<string, number> = {}) => [{ instance: "s", path: "s.ts", options }];
  const empty = "export function f(): void {}";

  it("without a required function are refused with its signature", () => {
    const said = refusal(empty, { "s.ts": strategyText().replace(/export function put[^\n]*/, "") }, use());
    expect(said).toMatch(
      /s\.ts: this strategy does not export the function `put`\n.*export function put\(cpu: i32, holder: ptr, label: ptr\): void/,
    );
  });

  it("with a misspelled function are asked whether that was meant", () => {
    expect(
      refusal(empty, { "s.ts": strategyText().replace("function tryGet", "function trygett") }, use()),
    ).toMatch(/`tryGet`\n.*is it `trygett`\?/);
  });

  it("with another signature are told the right one", () => {
    expect(
      refusal(
        empty,
        {
          "s.ts": strategyText().replace(
            "get(cpu: i32, holder: ptr, label: ptr): void",
            "get(cpu: i32, label: ptr): void",
          ),
        },
        use(),
      ),
    ).toMatch(/s\.ts:\d+:\d+: `get` does not have the contract's signature/);
  });

  it("without labelBytes are told what to add", () => {
    expect(
      refusal(
        empty,
        { "s.ts": strategyText().replace("export const labelBytes", "const labelBytes") },
        use(),
      ),
    ).toMatch(/does not export `labelBytes`/);
  });

  it("without a description are refused", () => {
    expect(refusal(empty, { "s.ts": strategyText().replace(/export default[\s\S]*/, "") }, use())).toMatch(
      /s\.ts: this strategy has no default export/,
    );
  });

  it("with a description that is computed are refused", () => {
    expect(refusal(empty, { "s.ts": strategyText().replace('"t"', "String(1)") }, use())).toMatch(
      /s\.ts:\d+:\d+: a computed value in the default export/,
    );
  });

  it.each([
    [{ dept: 4 }, /no option `dept`\n.*did you mean `depth`/],
    [{ depth: 10 }, /`depth` of strategy s is 10\n.*1 to 9/],
    [{ depth: 1.5 }, /is 1\.5/],
  ])("with the options %j are refused", (options, message) => {
    expect(refusal(empty, { "s.ts": strategyText() }, use(options as Record<string, number>))).toMatch(
      message,
    );
  });

  it("show a type error even in a function that nothing calls yet", () => {
    expect(
      refusal(
        empty,
        {
          "s.ts": strategyText("export function retire(cpu: i32, label: ptr): void { const x: bool = cpu; }"),
        },
        use(),
      ),
    ).toMatch(/s\.ts:\d+:\d+: a bool is needed/);
  });
});
