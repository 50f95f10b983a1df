/** The contract is told twice, for people and TypeScript in the kernel's core and as data in the linker: both must agree. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contractConstants, contractFunctions, signatureOf } from "../../src/link/contract.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { builtin } from "../conformance/support.ts";

const core = join(packageRoot, "src/kernel/core");
const text = (file: string): string => readFileSync(join(core, file), "utf8");

describe("the strategy contract", () => {
  it("has the same functions with the same signatures in both places", () => {
    const declared = [...text("contract.ts").matchAll(/^export declare (function .*);$/gm)].map((m) => m[1]);
    const asData = contractFunctions.map((entry) => signatureOf(entry).replace(/^export /, ""));
    expect(declared).toEqual(asData);
  });

  it("has the same constants in both places", () => {
    const declared = [...text("contract.ts").matchAll(/^export declare const (\w+): i32;$/gm)].map(
      (m) => m[1],
    );
    expect(declared.sort()).toEqual(contractConstants.map(({ name }) => name).sort());
  });

  it("has a default for every function that may be left out, and for no other", () => {
    const defaults = [...text("contract-defaults.ts").matchAll(/^export function (\w+)/gm)].map((m) => m[1]);
    const optional = contractFunctions.filter((entry) => !entry.required).map((entry) => entry.name);
    expect(defaults.sort()).toEqual(optional.sort());
  });

  it("is what strategies export: nothing else of theirs is a function that the linker would not call", () => {
    const names = new Set([...contractFunctions, ...contractConstants].map((entry) => entry.name));
    for (const file of ["none.ts", "kref.ts", "percpu-ref.ts"]) {
      const strategy = readFileSync(join(packageRoot, "strategies", file), "utf8");
      for (const [, name] of strategy.matchAll(/^export function (\w+)/gm)) expect(names).toContain(name);
    }
  });
});

describe("every strategy", () => {
  const files = readdirSync(join(packageRoot, "strategies")).filter((file) => file.endsWith(".ts"));
  it.each(files)("%s has a page that names its sources", (file) => {
    const name = file.replace(/\.ts$/, "");
    const page = readFileSync(join(packageRoot, "docs/strategies", `${name}.md`), "utf8");
    expect(page.startsWith(`# ${name}\n`)).toBe(true);
    expect(builtin(name).meta.sources.length).toBeGreaterThan(0);
  });
});
