/** A copy of the project in a folder of its own, with what a guide adds to it, so that the guide's code runs as its reader would run it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageRoot } from "../../src/link/node-host.ts";
import type { GuideExamples, ProjectEdit } from "./examples.ts";

/** What commands need; everything else would only take time to copy. */
const copied = ["src", "strategies", "package.json", "tsconfig.json", "tsconfig.build.json"];

export interface CommandRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProjectCopy {
  readonly folder: string;
  /** Runs `refplay` with the copy's sources, several command lines in one process. */
  refplay(commands: readonly (readonly string[])[]): readonly CommandRun[];
  /** Type-checks the copy's sources. */
  types(): string;
}

/** A copy with all of a guide's files and edits. */
export function projectCopy({ edits, files }: Pick<GuideExamples, "edits" | "files">): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), "refplay-copy-"));
  for (const name of copied) cpSync(join(packageRoot, name), join(folder, name), { recursive: true });
  symlinkSync(join(packageRoot, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const edit of edits) apply(folder, edit);
  writeFileSync(join(folder, "commands.ts"), driver);
  const node = (...args: string[]) =>
    spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 });
  return {
    folder,
    refplay(commands) {
      const { status, stderr, stdout } = node("--import", "tsx", "commands.ts", JSON.stringify(commands));
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as CommandRun[];
    },
    types: () => node("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noEmit").stdout,
  };
}

/** Runs the command lines that its argument lists, with the streams kept as text. */
const driver = `
import { runCli } from "./src/cli/cli.ts";
import { realServices } from "./src/cli/services.ts";

const services = realServices();
const runs = [];
for (const args of JSON.parse(process.argv[2])) {
  let stdout = "";
  let stderr = "";
  const io = {
    stdout: (text) => { stdout += text; },
    stderr: (text) => { stderr += text; },
    terminal: undefined,
    color: false,
    workingFolder: process.cwd(),
    command: "refplay",
    memoryBytes: 2 ** 32,
    now: () => new Date().toISOString(),
    onInterrupt: () => () => {},
  };
  const status = await runCli(args, io, services);
  runs.push({ status, stdout, stderr });
}
process.stdout.write(JSON.stringify(runs), () => process.exit(0));
`;

/** Puts a hunk into its file, where its lines without `+` stand, once. */
function apply(folder: string, { file, hunk }: ProjectEdit): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const side = (left: string) =>
    hunk
      .filter((line) => !line.startsWith(left))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const [before, after] = [side("+"), side("-")];
  if (text.split(before).length !== 2)
    throw new Error(`${file} does not have once what the guide changes:\n${before}`);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}
