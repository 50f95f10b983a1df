/** How the process was started, for commands that people copy from a report. */
import { basename, isAbsolute, relative, sep } from "node:path";

/**
 * `refplay` for an installed one, with `npx` where it is a project's own and so in no path, else `node` and the script: `node bin/refplay.js` in a clone.
 * @param script absolute, as `process.argv[1]` has it
 */
export function commandName(script: string | undefined, workingFolder: string): string {
  // npm links the bin without an ending, or starts the file in node_modules.
  if (script?.includes(`${sep}node_modules${sep}.bin${sep}`) === true) return "npx refplay";
  const isInstalled = script?.includes(`${sep}node_modules${sep}`) === true;
  if (script === undefined || isInstalled || !basename(script).endsWith(".js")) return "refplay";
  const path = relative(workingFolder, script);
  const shown = path.startsWith("..") || isAbsolute(path) ? script : path.replaceAll(sep, "/");
  return `node ${/\s/.test(shown) ? `"${shown}"` : shown}`;
}
