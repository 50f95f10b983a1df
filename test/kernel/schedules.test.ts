/**
 * Several CPUs under random schedules, with all checks of the verify build and of the reference engine: whatever the order,
 * nothing is freed too early, nothing twice, and nothing is left at the end.
 */
import { describe, expect, test } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { kernel, type Line, runScripts, strategies } from "./support.ts";

const seeds = Array.from({ length: 12 }, (_, index) => `seed ${index}`);

/** Each CPU opens, checks and closes files of a process that all CPUs belong to. */
const sharedCred: readonly (readonly Line[])[] = [0, 1, 2].map((task) => [
  ["switchTask", task],
  ["repeat", 4, 4],
  ["open", 1],
  ["permission", 1, 4],
  ["close", 1],
  ["request"],
]);

/** Profile 1 is removed while two CPUs go over to it, open files under it and keep them. */
const removal: readonly (readonly Line[])[] = [
  [["switchTask", 0], ["exec", 1], ["open", 1], ["removeProfile", 1], ["open", 2], ["close", 1], ["exit"]],
  [
    ["switchTask", 1],
    ["changeProfile", 1],
    ["open", 1],
    ["permission", 1, 2],
    ["secid"],
    ["open", 2],
    ["close", 1],
  ],
  [
    ["switchTask", 2],
    ["exec", 1],
    ["socket", 0],
    ["accept", 0, 1],
    ["send", 1],
    ["fork", 3, 0],
    ["exit"],
    ["switchTask", 3],
    ["close", 1],
  ],
];

/** Files wander from task to task under different labels and are closed elsewhere than they were opened. */
const passing: readonly (readonly Line[])[] = [
  [
    ["switchTask", 0],
    ["exec", 1],
    ["repeat", 5, 3],
    ["open", 1],
    ["passFile", 1, 0],
    ["close", 1],
    ["removeProfile", 1],
  ],
  [
    ["switchTask", 1],
    ["exec", 2],
    ["repeat", 5, 5],
    ["receiveFile", 1, 0],
    ["permission", 1, 2],
    ["passFile", 1, 1],
    ["permission", 1, 4],
    ["close", 1],
    ["removeProfile", 2],
  ],
  [
    ["switchTask", 2],
    ["exec", 3],
    ["repeat", 5, 3],
    ["receiveFile", 1, 1],
    ["permission", 1, 2],
    ["close", 1],
    ["removeProfile", 3],
  ],
];

/** Processes come and go while the profile they change to is removed under their feet. */
const churn: readonly (readonly Line[])[] = [
  [
    ["switchTask", 0],
    ["open", 0],
    ["repeat", 3, 4],
    ["fork", 3, 0],
    ["switchTask", 3],
    ["exec", 2],
    ["switchTask", 0],
    ["exit"],
  ],
  [
    ["switchTask", 1],
    ["removeProfile", 2],
    ["removeProfile", 1],
    ["removeProfile", 3],
    ["open", 4],
  ],
  [
    ["switchTask", 2],
    ["repeat", 3, 2],
    ["changeProfile", 3],
    ["open", 2],
    ["repeat", 3, 2],
    ["changeProfile", 2],
    ["close", 2],
  ],
];

/** Each CPU ends with a task that another one would be as near to; tasks with open files are left to whoever ends them. */
const crossed: readonly (readonly Line[])[] = [0, 1].map((cpu) => [
  ["switchTask", cpu + 2],
  ["open", 0],
  ["open", 1],
  ["open", 2],
  ["open", 3],
  ["switchTask", 1 - cpu],
  ["open", 0],
]);

const programs = { sharedCred, removal, passing, churn, crossed };

/** Script errors of the programs above, which some schedules need not have. */
const withErrors = new Set(["churn"]);

describe.each(strategies)("with %s", (strategy) => {
  test.each(Object.entries(programs))("%s ends with nothing left, whatever the schedule", (name, scripts) => {
    for (const hooks of [66, 611]) {
      for (const seed of seeds) {
        const outcome = runScripts(kernel(strategy, { verify: 1, hooks }), seed, scripts);
        const where = `${name}, ${seed}, hooks ${hooks}`;
        // Without counting, a label lives for ever, and with it its profile and proxy.
        const forEver = strategy === "none" ? [Kind.label, Kind.profile, Kind.proxy, Kind.namespace] : [];
        const found = outcome.result.violations.filter(
          (violation) =>
            violation.verdict !== "leak" ||
            !forEver.some((kind) => violation.detail.includes(`object of kind ${kind} `)),
        );
        expect(found, where).toEqual([]);
        expect(outcome.left(Audit.allViolations), where).toBe(0);
        expect(outcome.left(Audit.allWarnings), where).toBe(0);
        if (!withErrors.has(name)) expect(outcome.running(Audit.allScriptErrors), where).toBe(0);
        const left = outcome.left(Audit.objects);
        const expected =
          strategy === "none"
            ? outcome.left(Audit.labels) +
              outcome.left(Audit.profiles) +
              outcome.left(Audit.proxies) +
              outcome.left(Audit.namespaces)
            : 0;
        expect(left, where).toBe(expected);
      }
    }
  });
});
