/**
 * Keeps two processes from writing one results file: the one that runs holds a file beside it with its process id. A file
 * that a killed process left behind is taken over.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { RefplayError } from "../errors.ts";

/**
 * Takes the lock of a results file. The returned function gives it back.
 * @throws RefplayError `results-in-use` where a living process has it
 */
export function lockResults(path: string): () => void {
  const lock = `${path}.lock`;
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: "wx" });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = ownerOf(lock);
      if (owner !== null && isAlive(owner)) {
        throw new RefplayError("results-in-use", `process ${owner} is writing ${path}`, {
          hint: `Wait for it, or name another folder with --out. If it is no refplay, remove ${lock}.`,
        });
      }
      rmSync(lock, { force: true });
    }
  }
  throw new RefplayError("results-in-use", `another process took ${lock} just now`, { hint: "Try again." });
}

function ownerOf(lock: string): number | null {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
