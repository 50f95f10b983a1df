import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // One for each processor; the default leaves one idle, which on two is half of them.
    maxWorkers: "100%",
  },
});
