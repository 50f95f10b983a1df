import { describe, expect, it } from "vitest";
import { commandName } from "../../src/cli/command-name.ts";

describe("the command in reports", () => {
  it.each([
    ["in a clone", "/home/me/refplay/bin/refplay.js", "node bin/refplay.js"],
    ["from another folder", "/opt/refplay/bin/refplay.js", "node /opt/refplay/bin/refplay.js"],
    ["from a folder with a space", "/opt/ref play/bin/refplay.js", 'node "/opt/ref play/bin/refplay.js"'],
    ["installed", "/usr/local/bin/refplay", "refplay"],
    ["run by npx", "/home/me/refplay/node_modules/.bin/refplay", "npx refplay"],
    ["installed on Windows", "/c/npm/node_modules/refplay/bin/refplay.js", "refplay"],
    ["without a script", undefined, "refplay"],
  ])("%s", (_, script, command) => {
    expect(commandName(script, "/home/me/refplay")).toBe(command);
  });
});
