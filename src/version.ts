/** The version that results are stamped with. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./link/node-host.ts";

/** `version` of refplay's package.json. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}
