// One file of worker.ts and what it imports, where refplay runs from its TypeScript sources (tests, benchmarks). Worker threads
// do not inherit the loader of the main thread; to load one in each of them is six times the CPU time of a thread without.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { threadId } from "node:worker_threads";
import { buildSync } from "esbuild";

const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL("./worker.ts", import.meta.url))],
  absWorkingDir: fileURLToPath(new URL("../../../", import.meta.url)),
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  write: false,
});
const [{ contents }] = outputFiles;

// Below node_modules, so that packages are found; named by content, so that it is never of an older source.
const folder = fileURLToPath(new URL("../../../node_modules/.cache/refplay/", import.meta.url));
const file = `${folder}worker-${createHash("sha256").update(contents).digest("hex").slice(0, 16)}.mjs`;
if (!existsSync(file)) {
  mkdirSync(folder, { recursive: true });
  // Whole files only, for those who start meanwhile.
  const part = `${file}.${process.pid}.${threadId}`;
  writeFileSync(part, contents);
  renameSync(part, file);
}

export const workerFile = pathToFileURL(file);
