/**
 * Strategies that people are given to begin with: what `refplay new strategy` writes, and the right versions of the guide. For suites
 * that take little time.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/link/node-host.ts";
import { guideExamples } from "../guides/examples.ts";
import { strategyAt, type TestedStrategy } from "./support.ts";

/** None where REFPLAY_STRATEGY names the one to test. */
export function givenStrategies(): readonly TestedStrategy[] {
  const own = process.env.REFPLAY_STRATEGY;
  if (own !== undefined && own !== "") return [];
  const folder = mkdtempSync(join(tmpdir(), "refplay-guide-"));
  const guide = Object.entries(guideExamples("write-a-strategy.md").files)
    // The guide's twin is broken on purpose.
    .filter(([name]) => !name.includes("too-early"))
    .map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return strategyAt(join(folder, name));
    });
  return [strategyAt(join(packageRoot, "strategies", "template", "my-strategy.ts")), ...guide];
}
