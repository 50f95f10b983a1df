/** The machine's documented functions and its table of operations describe the same instruction set. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { opByCode, opTable } from "../../src/machine/ops.ts";

const text = readFileSync(new URL("../../src/machine/index.ts", import.meta.url), "utf8");
const declared = new Map(
  [...text.matchAll(/export declare function (\w+)\(([^)]*)\)/g)].map((match) => [
    match[1] ?? "",
    (match[2] ?? "").split(",").filter((part) => part.trim() !== "").length,
  ]),
);
const notOperations = ["i32", "u32", "ptr", "option", "layout", "layoutBytes", "part", "script", "thisCpu"];

describe("the instruction set", () => {
  it("has a documented function for every operation, with as many parameters as it has operands", () => {
    for (const { name, operands } of opTable)
      expect([name, declared.get(name)]).toEqual([name, operands.length]);
  });

  it("has an operation for every documented function", () => {
    const names = opTable.map((entry) => entry.name);
    expect([...declared.keys()].filter((name) => !names.includes(name)).sort()).toEqual(
      [...notOperations].sort(),
    );
  });

  it("documents every function right in front of it", () => {
    for (const name of declared.keys())
      expect(text).toMatch(new RegExp(`\\*/\\nexport declare function ${name}\\(`));
  });

  it("has distinct codes and at most three operands, which fit an actor's operand words", () => {
    expect(new Set(opTable.map((entry) => entry.op)).size).toBe(opTable.length);
    for (const entry of opTable) expect(opByCode(entry.op).operands.length).toBeLessThanOrEqual(3);
  });
});
