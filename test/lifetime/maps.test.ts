/**
 * The ten ways in which areas merge and split, in a tree of several leaves whose nodes are replaced while the reader walks them: none
 * shows a gap that never was; and which of them show one to a reader who believes every gap, those that a second look is for.
 */
import { describe, expect, it } from "vitest";
import { checkPrograms } from "../../src/checks/index.ts";
import { check, told } from "./checks.ts";

const ten = checkPrograms.filter(({ name }) => /^maps-(merge|new|split)-/.test(name));

/** Two areas before those that change and two behind: leaves have four slots, and the program tells of a tree that is only one. */
const severalLeaves = { around: 2 };

describe("in a tree of several leaves", () => {
  it("is about ten ways", () => {
    expect(ten).toHaveLength(10);
  });

  it.each(ten.map(({ name }) => name))("no gap is told that never was: %s", async (name) => {
    const program = ten.find((candidate) => candidate.name === name);
    if (program === undefined) throw new Error(name);
    expect(told(await check(program, null, { model: "sc", bounds: severalLeaves }))).toBe("pass");
  });

  it("two of the ten need the second look", { timeout: 180_000 }, async () => {
    const shown: string[] = [];
    for (const program of ten) {
      const report = await check(program, null, {
        model: "sc",
        bounds: severalLeaves,
        options: { broken: 1 },
      });
      if (report.verdict === "pass") continue;
      expect(told(report)).toContain("assertion");
      shown.push(program.name);
    }
    expect(shown).toEqual(["maps-merge-left-partial", "maps-split-below"]);
  });
});
