#!/usr/bin/env node
// A clone has no dist/ and no dependencies before set-up: say so instead of a stack trace.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

try {
  await import("../dist/cli/main.js");
} catch (error) {
  const at = (path) => fileURLToPath(new URL(path, import.meta.url));
  const notSetUp = !existsSync(at("../dist/cli/main.js")) || !existsSync(at("../node_modules"));
  // An installed package has no set-up script; what is missing there is a defect.
  if (error?.code !== "ERR_MODULE_NOT_FOUND" || !notSetUp || !existsSync(at("../scripts/setup.js")))
    throw error;
  process.stderr.write("refplay is not set up in this clone: run `npm run setup` first\n");
  process.exitCode = 2;
}
