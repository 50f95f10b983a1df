/** Strategies that are made of others: which instances there are, where their bytes lie, and what is refused. */
import { describe, expect, it } from "vitest";
import type { IrProgram, IrStatement } from "../../src/link/ir.ts";
import type { PartChoices } from "../../src/link/link.ts";
import { describeUse } from "../../src/link/meta.ts";
import { nodeHost } from "../../src/link/node-host.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { verifyIr } from "../../src/link/verify-ir.ts";
import { linkText, refusal } from "./front-harness.ts";

const capabilities = (releases: string, detects: string, needsMaintenance: boolean) =>
  `capabilities: { releases: "${releases}", detects: [${detects}], needsMaintenance: ${needsMaintenance} }`;

/** A strategy that stores `value` at its bytes in a label, and at those of its CPU. */
function counting(value: number, labelBytes: number, can = capabilities("lastPut", '"underflow"', false)) {
  return `
import { layout, option, store, type bool, type i32, type ptr } from "refplay/machine";
export const labelBytes: i32 = ${labelBytes};
export const cpuBytes: i32 = ${value};
export const callbacksAt: i32 = layout("callback");
export const cpuAt: i32 = layout("cpu");
export const depth: i32 = option("depth");
const labelAt: i32 = layout("label");
export function init(cpu: i32, holder: ptr, label: ptr): void {}
export function get(cpu: i32, holder: ptr, label: ptr): void { store(label + labelAt, ${value}); }
export function tryGet(cpu: i32, holder: ptr, label: ptr): bool { return true; }
export function put(cpu: i32, holder: ptr, label: ptr): void {}
export default { title: "counts ${value}", summary: "s", options: { depth: { unit: "", default: 3, min: 1, max: 9, doc: "d" } }, ${can} };
`;
}

const parts = (...presets: readonly string[]) =>
  `parts: { ${presets.map((preset, at) => `${["first", "second", "third"][at]}: { default: "${preset}", doc: "d" }`).join(", ")} }`;

/** A strategy with two parts: the label's cell behind the parts' bytes says whose it is. */
function owning(described = parts("./a.ts", "./b.ts"), more = "") {
  return `
import { layout, load, part, store, type bool, type i32, type ptr } from "refplay/machine";
import { get as firstGet } from "refplay/strategy/first";
import { get as secondGet, labelCpuBytes as secondCpuBytes } from "refplay/strategy/second";
export const labelBytes: i32 = 8;
export const number: i32 = part("second");
export const secondPerCpu: i32 = secondCpuBytes;
export const ownAt: i32 = layout("label");
const apart: bool = number > 0;
export function init(cpu: i32, holder: ptr, label: ptr): void {}
export function get(cpu: i32, holder: ptr, label: ptr): void {
  if (apart && load(label + ownAt) === number) secondGet(cpu, holder, label);
  else firstGet(cpu, holder, label);
}
export function tryGet(cpu: i32, holder: ptr, label: ptr): bool { return true; }
export function put(cpu: i32, holder: ptr, label: ptr): void {}
${more}
export default { title: "o", summary: "s", options: { all: { unit: "", default: 0, min: 0, max: 9, doc: "d", allParts: { strategy: "./a.ts", option: "depth" } } }, ${described} };
`;
}

const files = { "a.ts": counting(1, 8), "b.ts": counting(2, 12), "o.ts": owning() };
const main = `import { type ptr } from "refplay/machine";
import { get } from "refplay/strategy";
export function f(x: ptr): void { get(0, x, x); }`;

function link(given?: PartChoices, more: Readonly<Record<string, string>> = {}, options = {}): IrProgram {
  const use = { instance: "s", path: "o.ts", options, ...(given === undefined ? {} : { parts: given }) };
  const program = linkText(main, { ...files, ...more }, [use]);
  expect(verifyIr(program)).toEqual([]);
  return program;
}

const instancesOf = ({ functions }: IrProgram) => [
  ...new Set(functions.map(({ instance }) => instance).filter((name) => name !== null)),
];

/** Values that are stored, in the order of the program's functions. */
function stored({ functions }: IrProgram): (number | undefined)[] {
  const flatten = (body: readonly IrStatement[]): IrStatement[] =>
    body.flatMap((statement) =>
      statement.kind === "if" ? [...flatten(statement.then), ...flatten(statement.else)] : [statement],
    );
  return functions
    .flatMap(({ body }) => flatten(body))
    .flatMap((statement) => {
      const value = statement.kind === "op" ? statement.args[1] : undefined;
      return value?.kind === "const" ? [value.value] : [];
    });
}

describe("the parts of a strategy", () => {
  it("are the declared ones, each an instance of its own", () => {
    const program = link();
    expect(instancesOf(program).sort()).toEqual(["s", "s.first", "s.second"]);
    expect(stored(program).sort()).toEqual([1, 2]);
    expect(program.constants.get("s.number")).toBe(1);
  });

  it("are chosen where the program is linked", () => {
    expect(stored(link({ first: { path: "b.ts" }, second: { path: "a.ts" } }))).toEqual(
      stored(link()).reverse(),
    );
  });

  it("are one instance, without a branch, where they are the same strategy with the same options", () => {
    const program = link({ second: { path: "a.ts", options: { depth: 3 } } });
    expect(instancesOf(program)).toEqual(expect.arrayContaining(["s", "s.first"]));
    expect(instancesOf(program)).toHaveLength(2);
    expect(program.constants.get("s.number")).toBe(0);
    const owner = program.functions.find(({ name, instance }) => name === "get" && instance === "s");
    expect(owner?.body.map(({ kind }) => kind)).toEqual(["call"]);
  });

  it("are two instances of one strategy where their options differ", () => {
    const program = link({ second: { path: "a.ts", options: { depth: 5 } } });
    expect(["s.first.depth", "s.second.depth"].map((name) => program.constants.get(name))).toEqual([3, 5]);
    expect(program.constants.get("s.number")).toBe(1);
  });

  it("lie one over the other in a label, with the strategy's own bytes behind, and apart elsewhere", () => {
    const main = `import { layoutBytes, type i32 } from "refplay/machine";
export const label: i32 = layoutBytes("label");
export const cpu: i32 = layoutBytes("cpu");
export function f(): void {}`;
    const uses = [
      { instance: "s", path: "o.ts", options: {} },
      { instance: "t", path: "o.ts", options: {} },
    ];
    const { constants } = linkText(main, files, uses);
    const at = (name: string) => constants.get(name);
    // The larger part has 12 bytes, rounded up to 16.
    expect([at("s.ownAt"), at("t.ownAt"), at("label")]).toEqual([16, 24 + 16, 48]);
    expect(["s.first", "s.second", "t.first", "t.second"].map((part) => at(`${part}.cpuAt`))).toEqual([
      0, 64, 128, 192,
    ]);
    expect(at("cpu")).toBe(256);
    expect(["s.first", "s.second", "t.first"].map((part) => at(`${part}.callbacksAt`))).toEqual([32, 48, 80]);
  });

  it("tell their constants, also by the name of a part that shares an instance", () => {
    const { constants } = link({ second: { path: "a.ts" } });
    expect(constants.get("s.second.labelBytes")).toBe(8);
    expect(constants.get("s.secondPerCpu")).toBe(0);
  });

  it("are all the one that an option makes them, with a value of its own", () => {
    const program = link(undefined, {}, { all: 7 });
    expect(program.constants.get("s.first.depth")).toBe(7);
    expect(program.constants.get("s.number")).toBe(0);
  });

  it("are found by name where they are built in", () => {
    const program = link(undefined, { "o.ts": owning(parts("kref", "none")) });
    expect(program.files.filter((file) => /strategies.(kref|none)\.ts$/.test(file))).toHaveLength(2);
  });
});

describe("a strategy with parts is refused", () => {
  const refused = (more: Readonly<Record<string, string>>, given?: PartChoices, options = {}) =>
    refusal(main, { ...files, ...more }, [
      { instance: "s", path: "o.ts", options, ...(given === undefined ? {} : { parts: given }) },
    ]);

  it("with a part that it does not have", () => {
    expect(refused({}, { frist: { path: "a.ts" } })).toMatch(/no part `frist`\n.*did you mean `first`/);
  });

  it("with a part that has parts itself", () => {
    const given = { second: { path: "p.ts" } };
    expect(refused({ "p.ts": owning() }, given)).toMatch(/`second` cannot be p\.ts: .* has parts itself/);
  });

  it("with a strategy that nobody knows", () => {
    expect(refused({ "o.ts": owning(parts("krfe", "kref")) })).toMatch(
      /o\.ts: there is no strategy `krfe` to be a part/,
    );
  });

  it("with an option of a part that it does not have", () => {
    expect(refused({}, { second: { path: "a.ts", options: { depht: 1 } } })).toMatch(
      /no option `depht`\n.*did you mean `depth`/,
    );
  });

  it("with an option that makes all parts one, beside a part", () => {
    expect(refused({}, { second: { path: "b.ts" } }, { all: 2 })).toMatch(
      /`all` makes every part .*`second`/,
    );
  });

  it("with both parts and capabilities, or neither", () => {
    const both = `${parts("./a.ts", "./b.ts")}, ${capabilities("lastPut", "", false)}`;
    expect(refused({ "o.ts": owning(both) })).toMatch(/either `capabilities` or `parts`/);
    expect(refused({ "o.ts": owning("sources: []") })).toMatch(/either `capabilities` or `parts`/);
  });

  it("with code for a part that is not declared", () => {
    const more = `import { put as thirdPut } from "refplay/strategy/third";
export const third: i32 = part("secnod");
export function maintain(cpu: i32): i32 { thirdPut(0, 0, 0); return third; }`;
    const said = refused({ "o.ts": owning(undefined, more) });
    expect(said).toMatch(/has no part `third`\n.*`refplay\/strategy\/first`, `refplay\/strategy\/second`/);
    expect(said).toMatch(/no part `secnod` is declared\n.*did you mean `second`/);
  });

  it("where one without parts is given some", () => {
    expect(
      refusal(main, files, [
        { instance: "s", path: "a.ts", options: {}, parts: { first: { path: "b.ts" } } },
      ]),
    ).toMatch(/no part `first`\n.*it has no parts/);
  });
});

describe("what a strategy with parts can do", () => {
  const described = (a: string, b: string, given: PartChoices = {}) => {
    const host = memoryHost({ ...files, "a.ts": counting(1, 8, a), "b.ts": counting(2, 8, b) }, nodeHost());
    return describeUse({ path: "o.ts", parts: given }, host).capabilities;
  };
  const quick = capabilities("lastPut", '"underflow", "overflow"', false);
  const slow = capabilities("scan", '"overflow"', true);

  it("is what all of them can", () => {
    expect(described(quick, slow)).toEqual({
      releases: "scan",
      detects: ["overflow"],
      needsMaintenance: true,
    });
  });

  it("follows from those that are chosen", () => {
    expect(described(quick, slow, { second: { path: "a.ts" } })).toEqual({
      releases: "lastPut",
      detects: ["underflow", "overflow"],
      needsMaintenance: false,
    });
  });
});
