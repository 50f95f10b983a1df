/** The command on the page gives the same run again: a shell runs it, and the config reads as it was. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { htmlReport } from "../../../src/report/html/index.ts";
import type { ResultsRecord } from "../../../src/results/schema.ts";
import { machine, parsed, smallRecord } from "./support.ts";

/** Runs the command with `npx` that prints its arguments; what it wrote by file, and what it would have run. */
function shell(record: ResultsRecord, files: readonly string[]): { texts: string[]; ran: string } {
  const page = parsed(htmlReport(record, { published: [] }));
  const command = page.querySelector("pre.copy").textContent;
  const folder = mkdtempSync(join(tmpdir(), "refplay-command-"));
  try {
    const script = `npx() { printf '%s|' "$@"; }\n${command}\n`;
    const ran = execFileSync("sh", ["-e", "-c", script], { cwd: folder, encoding: "utf8" });
    return { texts: files.map((file) => readFileSync(join(folder, file), "utf8")), ran };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it("writes the config with all of its fields and runs it", () => {
  const config = {
    scenario: "nginx",
    cpus: [1, 2],
    strategies: ["none", { use: "kref", hooks: "v6.7" }],
    seed: "7",
  };
  const { texts, ran } = shell(smallRecord({ config }), ["nginx-zen4.yaml"]);
  expect(parse(texts[0] ?? "")).toEqual(config);
  expect(texts[0]).toContain("cpus: [ 1, 2 ]\n");
  expect(ran).toBe("refplay|run|nginx-zen4.yaml|");
});

it("leaves out the list that a scenario has nothing for", () => {
  const config = { scenario: "proc-walk", strategies: [], variants: ["ref-walk"], maintenanceAtUs: [] };
  const { texts } = shell(smallRecord({ config }), ["nginx-zen4.yaml"]);
  expect(parse(texts[0] ?? "")).toEqual({
    scenario: "proc-walk",
    variants: ["ref-walk"],
    maintenanceAtUs: [],
  });
});

it("takes names and texts as they are, whatever a shell would make of them", () => {
  const name = "a b'$(touch bad)`c`";
  const config = { scenario: "nginx", seed: "$HOME `id`\nEND\nEND_\n'\"\\" };
  const { texts, ran } = shell(smallRecord({ name, config }), [`${name}.yaml`]);
  expect(parse(texts[0] ?? "")).toEqual(config);
  expect(ran).toBe(`refplay|run|${name}.yaml|`);
});

it("has the description of the user's own machine with it, and names files that it cannot have", () => {
  const config = {
    scenario: "strace",
    machine: "../machines/mine.yaml",
    workload: { trace: "nginx.strace" },
    strategies: ["kref", { use: "./own.ts" }],
  };
  const record = smallRecord({ config });
  const { texts } = shell(record, ["mine.yaml", "nginx-zen4.yaml"]);
  expect(parse(texts[0] ?? "")).toEqual(machine);
  expect(parse(texts[1] ?? "")).toEqual({ ...config, machine: "./mine.yaml" });
  expect(htmlReport(record, { published: [] })).toContain(
    "needs files that are not part of this report: ./own.ts, nginx.strace.",
  );
});

it("can be saved by a link too", () => {
  const page = parsed(htmlReport(smallRecord(), { published: [] }));
  const link = page.querySelector("a[download]");
  const [, text = ""] = link.getAttribute("href").split(",");
  expect(link.getAttribute("download")).toBe("nginx-zen4.yaml");
  expect(parse(decodeURIComponent(text))).toEqual(smallRecord().config);
});
