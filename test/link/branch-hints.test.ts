import { describe, expect, it } from "vitest";
import { branchHintsSection, withBranchHints } from "../../src/link/wasm/branch-hints.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { eq, ProgramBuilder } from "./ir-builder.ts";

/** The text of a function with this body, hints shortened to `likely:` and `unlikely:` before what they are about. */
function hinted(body: string): string {
  const text = `(module (func $f (param $0 i32) ${body}))`;
  return withBranchHints(text)
    .replaceAll(`(@${branchHintsSection} "\\00") `, "unlikely:")
    .replaceAll(`(@${branchHintsSection} "\\01") `, "likely:")
    .slice("(module (func $f (param $0 i32) ".length, -2);
}

const [rare, usual] = ["(call $release#12 (local.get $0))", "(call $f)"];
const test = "(local.get $0)";

describe("branch hints", () => {
  it("say of an arm that ends a label or warns that it is unlikely", () => {
    expect(hinted(`(if ${test} (then ${rare}))`)).toBe(`unlikely:(if ${test} (then ${rare}))`);
    expect(hinted(`(if ${test} (then ${usual}) (else (call $warn#3)))`)).toContain("likely:(if");
    expect(hinted(`(if ${test} (then ${usual}) (else (call $warn#3)))`)).not.toContain("unlikely:");
  });

  it("leave out what is the same on both sides, or may happen on either", () => {
    for (const body of [
      `(if ${test} (then ${usual}))`,
      `(if ${test} (then ${rare}) (else ${rare}))`,
      `(block $b (br_if $b ${test}) ${usual})`,
      `(call $strategy.release#4)`,
    ])
      expect(hinted(body)).toBe(body);
  });

  it("say of an arm with a condition before its end no more than of the condition", () => {
    const inner = `(if ${test} (then ${rare}))`;
    expect(hinted(`(if ${test} (then ${inner} ${usual}))`)).toBe(
      `(if ${test} (then unlikely:${inner} ${usual}))`,
    );
  });

  it("take what an arm jumps over for the other arm", () => {
    const early = `(if ${test} (then ${usual} (br $b)))`;
    expect(hinted(`(block $b ${early} ${rare})`)).toBe(`(block $b likely:${early} ${rare})`);
    // Behind the block both come together again.
    expect(hinted(`(block $b ${early} ${usual}) ${rare}`)).toBe(`(block $b ${early} ${usual}) ${rare}`);
    const nested = `(if ${test} (then (if ${test} (then ${usual} (br $b)))))`;
    expect(hinted(`(block $b ${nested} ${rare})`)).toBe(
      `(block $b likely:(if ${test} (then likely:(if ${test} (then ${usual} (br $b))))) ${rare})`,
    );
    expect(hinted(`(block $b (br_if $b ${test}) ${rare})`)).toBe(
      `(block $b likely:(br_if $b ${test}) ${rare})`,
    );
  });

  it("know nothing of what a jump back leaves out", () => {
    const body = `(loop $l (if ${test} (then ${usual} (br $l))) ${rare})`;
    expect(hinted(body)).toBe(body);
  });

  it("do not call a loop rare for the additions that it is there for, but for a wait", () => {
    const add = "(drop (call $refplay.fetchAdd (local.get $0)))";
    const round = (work: string): string => `(if ${test} (then ${work} (br $l)))`;
    expect(hinted(`(loop $l ${round(add)})`)).toBe(`(loop $l ${round(add)})`);
    expect(hinted(`(loop $l (block $b ${round(add)}))`)).toBe(`(loop $l (block $b ${round(add)}))`);
    const wait = round("(call $refplay.awaitEqual (local.get $0))");
    expect(hinted(`(loop $l ${wait})`)).toBe(`(loop $l unlikely:${wait})`);
    // Beside the way round, an addition is as dear as anywhere.
    const other = `(if ${test} (then ${usual} (br $l)) (else ${add}))`;
    expect(hinted(`(loop $l ${other})`)).toBe(`(loop $l likely:${other})`);
  });

  it("do not take strings and comments for code", () => {
    const body = `(; (if ( ;) (data "(if \\"(") (if ${test} (then ${rare})) ;; (if`;
    expect(hinted(`${body}\n`)).toBe(`${body.replace("(if (local", "unlikely:(if (local")}\n`);
  });

  it("are in the module where they were asked for", async () => {
    const builder = new ProgramBuilder();
    const warn = builder.fn("warn", { cell: "ptr" }, null, (f, cell) => {
      f.op(Op.store, cell, 1);
    });
    const use = builder.fn("use", { cell: "ptr" }, null, (f, cell) => {
      f.if(eq(cell, 4096), () => {
        f.call(warn, cell);
      });
    });
    const ir = builder.build({ use });
    const sections = async (branchHints: boolean): Promise<number> => {
      const { binary } = await buildWasm(ir, { branchHints });
      return WebAssembly.Module.customSections(new WebAssembly.Module(binary), branchHintsSection).length;
    };
    expect([await sections(true), await sections(false)]).toEqual([1, 0]);
  });
});
