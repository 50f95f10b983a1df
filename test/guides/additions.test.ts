/** What the guides add to the project (a workload, a machine, a scenario) is added to one copy of it, and does there what they say. */
import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { guideExamples } from "./examples.ts";
import { projectCopy } from "./project-copy.ts";
import { missingLines } from "./shown.ts";

const guides = ["add-a-workload.md", "add-a-machine.md", "add-a-scenario.md"].map(guideExamples);
const files: Record<string, string> = Object.assign({}, ...guides.map((guide) => guide.files));
const copy = projectCopy({ files, edits: guides.flatMap(({ edits }) => edits) });
afterAll(() => rmSync(copy.folder, { recursive: true }));

const outputs = guides.flatMap((guide) => guide.outputs);
const commands = outputs.map(({ command }) => command.split(" "));

describe("the guides to adding something", () => {
  const [listing, ...runs] = copy.refplay([
    ["list", "workloads", "--json"],
    ...commands.map((words) => (words[0] === "run" ? [...words, "--quiet"] : words)),
  ]);

  it("have code without type errors", () => {
    expect(copy.types()).toBe("");
  });

  it("add what `refplay list` shows", () => {
    const listed = JSON.parse(listing?.stdout ?? "") as { name: string; parameters: { name: string }[] }[];
    const parametersOf = (name: string) =>
      listed.find((one) => one.name === name)?.parameters.map((parameter) => parameter.name);
    expect(parametersOf("log-rotate")).toEqual(["requests", "writesPerRequest", "rotateEvery", "thinkUs"]);
    expect(parametersOf("uptime-read")).toEqual(["requests", "ticks", "tickUs"]);
  });

  it.each(outputs.map(({ command, lines }, index) => [command, lines, runs[index]] as const))(
    "show what `%s` prints",
    (_command, lines, run) => {
      expect(run?.stderr).toBe("");
      expect(missingLines(lines, run?.stdout ?? "")).toEqual([]);
      expect(run?.status).toBe(0);
    },
  );
});
