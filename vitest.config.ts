import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { inlineEnums } from "./test/inline-enums.ts";

export default defineConfig({
  plugins: [inlineEnums(fileURLToPath(new URL("src/engines/", import.meta.url)))],
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // One for each processor; the default leaves one idle, which on two is half of them.
    maxWorkers: "100%",
  },
});
