/** Reads the machine files that configs name. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { RefplayError } from "../errors.ts";
import type { ReadMachineFile } from "./resolve.ts";

/** Relative paths start from `baseFolder`. Its errors: `machine-missing`, `machine-unreadable`. */
export function machineFiles(baseFolder: string): ReadMachineFile {
  return (path, location) => {
    const file = resolve(baseFolder, path);
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT") {
        const hint = `Looked for ${file}; a relative path starts from the config's folder.`;
        throw new RefplayError("machine-missing", `there is no machine file \`${path}\``, {
          location,
          hint,
          cause: error,
        });
      }
      const why = code === "EISDIR" ? "it is a folder" : (error as Error).message;
      throw new RefplayError("machine-unreadable", `cannot read machine file \`${path}\`: ${why}`, {
        location,
        cause: error,
      });
    }
  };
}
