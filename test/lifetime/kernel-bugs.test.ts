/**
 * Published bugs of the kernel: each is found by both searches, under the model and with the verdict that the catalogue names; the
 * same program with the fix passes in every order. What docs/kernel-bugs.md tells of them is what happens.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bugPrograms } from "../../src/checks/bugs.ts";
import { type CheckProgram, prepareCheck, replayCheck } from "../../src/checks/index.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { check, models, programNamed, told } from "./checks.ts";

const story = readFileSync(new URL("../../docs/kernel-bugs.md", import.meta.url), "utf8");

function before({ broken, name }: CheckProgram) {
  const [bug] = broken ?? [];
  if (bug === undefined) throw new Error(`${name} has no bug`);
  return { ...bug, options: { broken: bug.value } };
}

/** Every bound one above its default, as far as it may be. */
function larger({ bounds }: CheckProgram): Record<string, number> {
  return Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [name, Math.min(bound.default + 1, bound.max)]),
  );
}

describe.each(bugPrograms.map((program) => [program.name, program] as const))("%s", (_name, program) => {
  const { verdict, options } = before(program);

  it.each(models)(
    "is found before its fix under %s, with the smallest bounds that there are",
    async (model) => {
      for (const [name, bound] of Object.entries(program.bounds)) expect(bound.min, name).toBe(bound.default);
      const report = await check(program, null, { model, options });
      expect(report.verdict, told(report)).toBe(verdict);
      // Depth first another order is met first, in which the same mistake may break another rule.
      const deep = await check(program, null, { model, options }, "dpor");
      expect(deep.finding, told(deep)).not.toBeNull();
    },
  );

  it.each(models)("passes after its fix under %s, in every order, with larger bounds, too", async (model) => {
    for (const explorer of ["states", "dpor"] as const)
      expect(told(await check(program, null, { model }, explorer))).toBe("pass");
    expect(told(await check(program, null, { model, bounds: larger(program) }))).toBe("pass");
  });

  it("is told in the docs, with the commit and a schedule that shows it", () => {
    const [chapter = ""] = story.split(/^## /m).filter((text) => text.startsWith(`${program.name}\n`));
    expect(chapter).toContain(`${program.bug?.commit} "${program.bug?.subject}"`);
    const command = /refplay check --program (\S+) --model (sc|tso) --broken (\d) \\\n +--replay "([^"]+)"/;
    const [, name = "", model, broken, schedule = ""] = command.exec(chapter) ?? [];
    expect([name, broken]).toEqual([program.name, String(options.broken)]);
    const choice = { model: model === "tso" ? "tso" : "sc", options } as const;
    const prepared = prepareCheck(programNamed(name), null, choice, nodeHost(packageRoot));
    expect(replayCheck(prepared, schedule)).toMatchObject({
      breach: { verdict },
      stuckAt: -1,
      unfinished: false,
    });
    // The steps in the table, where there is one, have lines of the source as it is.
    for (const [, file, line = "0"] of chapter.matchAll(/^ +\d+ .*?(\S+\.ts):(\d+) /gm)) {
      const path = [program.source, "test/programs/check/bugs/count.ts"].find((one) =>
        one.endsWith(`/${file}`),
      );
      if (path === undefined) continue;
      const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").split("\n")[
        Number(line) - 1
      ];
      expect(text, `${file}:${line}`).toMatch(
        /load|store|fetchAdd|compareExchange|exchange|rcu|callRcu|await|free/i,
      );
    }
  });
});

it("the docs and the catalogue name the same bugs", () => {
  const told = [...story.matchAll(/^## (bug-\S+)$/gm)].map(([, name]) => name);
  expect(told).toEqual(bugPrograms.map(({ name }) => name));
});
