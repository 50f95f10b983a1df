/** Every program that can be run is well formed in the typed form and stays below V8's limit when stepped. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { buildStepped } from "../../src/link/stepped/index.ts";
import { verifyIr } from "../../src/link/verify-ir.ts";

const host = nodeHost(packageRoot);
const strategies = readdirSync(join(packageRoot, "strategies"))
  .filter((name) => name.endsWith(".ts"))
  .sort();

/** Characters of generated text above which V8 never optimises a function (60 KB of bytecode), with room to spare. */
const pieceLimit = 30_000;

describe.each(strategies)("the kernel with %s", (name) => {
  const path = join(packageRoot, "strategies", name);

  it.each([0, 1])("is well formed with verify %i at every hook level", (verify) => {
    for (const hooks of [66, 67, 611]) {
      expect(verifyIr(linkProgram(kernelProgram({ path }, { verify, hooks }, host), host))).toEqual([]);
    }
  });

  it("is cut into functions that V8 optimises", () => {
    const program = buildStepped(linkProgram(kernelProgram({ path }, { verify: 1, hooks: 66 }, host), host));
    expect(program.pieces.map((piece) => piece.length).filter((length) => length > pieceLimit)).toEqual([]);
  });
});
