// Makes a fresh clone runnable: installs the locked dependencies and compiles src/ to dist/ where either is
// missing or older than what it is made from. `npm start` and `npm test` call it, so it may use Node alone.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Newest modification time (ms) of a file, or of any file below a folder; 0 where it does not exist. */
function newestMs(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

/** Runs npm with arguments in the project's folder; ends this process with npm's status if it fails. */
function npm(...args) {
  const result = spawnSync("npm", args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const installed = newestMs(join(root, "node_modules/.package-lock.json"));
if (installed < newestMs(join(root, "package-lock.json"))) {
  // Not `npm ci`: it refuses a lock that lacks the optional binaries of other platforms, as it does where a registry does
  // not carry them. Locked versions are kept, and the lock is not written.
  npm("install", "--no-save", "--no-audit", "--no-fund");
}

const built = newestMs(join(root, "dist/.built"));
const sources = ["src", "tsconfig.json", "tsconfig.build.json"].map((name) => newestMs(join(root, name)));
if (built < Math.max(...sources)) {
  npm("run", "--silent", "build");
  writeFileSync(join(root, "dist/.built"), "");
}
