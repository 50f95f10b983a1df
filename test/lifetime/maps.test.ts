/** Which of the ten merges and splits show a gap that never was to a reader who believes every gap: those that a second look is for. */
import { expect, it } from "vitest";
import { checkPrograms } from "../../src/checks/index.ts";
import { check, told } from "./checks.ts";

it("two of the ten ways in which areas merge and split need the second look", async () => {
  const ten = checkPrograms.filter(({ name }) => /^maps-(merge|new|split)-/.test(name));
  expect(ten).toHaveLength(10);
  const shown: string[] = [];
  for (const program of ten) {
    const report = await check(program, null, { model: "sc", options: { broken: 1 } });
    if (report.verdict === "pass") continue;
    expect(told(report)).toContain("assertion");
    shown.push(program.name);
  }
  expect(shown).toEqual(["maps-merge-left-partial", "maps-split-below"]);
});
