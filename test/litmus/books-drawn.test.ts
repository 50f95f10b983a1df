/**
 * Programs drawn at random in which marks matter: what the naive search finds in them the others must find, too. Left out is
 * a reference that is dropped before anybody has it (`negative-count`): taking and dropping are taken to commute.
 */
import { describe, expect, test } from "vitest";
import { DporExplorer } from "../../src/engines/check/dpor.ts";
import { CheckMachine } from "../../src/engines/check/machine.ts";
import { NaiveExplorer } from "../../src/engines/check/naive.ts";
import { StatefulExplorer } from "../../src/engines/check/stateful.ts";
import type { ExploreResult, Explorer } from "../../src/engines/check/types.ts";
import { BookMark } from "../../src/engines/check/world.ts";
import { Rng } from "../fuzz/random.ts";
import { type LitmusProgram, linkLitmus, litmusProblem } from "./litmus-problem.ts";

const cells = ["x", "y"];
const all = { stopAtFirst: false };

function drawStep(rng: Rng): string {
  const operation = rng.weighted<() => string>([
    [3, () => `load(${rng.pick(cells)});`],
    [2, () => `store(${rng.pick(cells)}, ${rng.between(0, 2)});`],
    [2, () => `fetchAdd(${rng.pick(cells)}, 1);`],
    [1, () => `awaitEqual(${rng.pick(cells)}, ${rng.between(0, 1)});`],
    [1, () => "rcuReadLock(); load(x); rcuReadUnlock();"],
    [1, () => "synchronizeRcu();"],
    [1, () => "fence();"],
    [1, () => `freed(${rng.pick(["p", "q"])});`],
    [1, () => `callRcu(${rng.pick(["p", "q"])}, 1);`],
  ]);
  const marks = [BookMark.holderTaken, BookMark.holderDropped, BookMark.released];
  const mark = rng.chance(0.6) ? ` mark(${rng.pick(marks)}, ${rng.pick(["p", "p", "q"])});` : "";
  const step = `${operation()}${mark}`;
  return rng.chance(0.25) ? `if (load(${rng.pick(cells)}) === 0) { ${step} }` : step;
}

function draw(seed: string): LitmusProgram {
  const rng = new Rng(seed);
  const actors = Array.from({ length: rng.between(2, 3) }, () => {
    const steps = Array.from({ length: rng.between(1, 2) }, () => drawStep(rng));
    return `${steps.join(" ")} return load(x);`;
  });
  const callbacks = ["freed(head);", `mark(${BookMark.released}, head); freed(head);`];
  const calls = actors.some((text) => text.includes("callRcu"));
  return {
    boot: `allocated(p, 1, 64); allocated(q, 1, 64);${rng.chance(0.7) ? ` mark(${BookMark.holderTaken}, p);` : ""}`,
    actors,
    ...(calls ? { callback: rng.pick(callbacks) } : {}),
    leaks: false,
  };
}

function run(explorer: Explorer): ExploreResult {
  while (!explorer.advance(100_000));
  return explorer.result();
}

function verdicts({ findings }: ExploreResult): Set<string> {
  return new Set(findings.map(({ breach }) => breach.verdict));
}

/** How two searches differ, or null. A breach ends its execution, so that not all need be found where there are some. */
function difference(naive: ExploreResult, other: ExploreResult): string | null {
  const [there, found] = [verdicts(naive), verdicts(other)];
  if (!other.complete || [...found].some((verdict) => !there.has(verdict)))
    return `${other.limit} ${[...found]}`;
  if (there.size > 0) return found.size > 0 || there.has("negative-count") ? null : `missed ${[...there]}`;
  return `${naive.outcomes}` === `${other.outcomes}` ? null : `${other.outcomes}, not ${naive.outcomes}`;
}

describe.each(["sc", "tso"] as const)("drawn programs with marks (%s)", (model) => {
  test("have the same breaches and outcomes for every search", () => {
    const seen = new Map<string, number>();
    for (let index = 0; index < 150; index++) {
      const litmus = draw(`books ${index}`);
      const program = linkLitmus(litmus);
      const problem = litmusProblem(litmus, model);
      const naive = run(new NaiveExplorer(new CheckMachine(program, problem), { ...all, stateLimit: 5000 }));
      if (naive.limit === "states") continue;
      for (const verdict of verdicts(naive)) seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      const dpor = run(new DporExplorer(new CheckMachine(program, problem), all));
      const states = run(new StatefulExplorer(program, problem, all));
      expect([difference(naive, dpor), difference(naive, states)], JSON.stringify(litmus)).toEqual([
        null,
        null,
      ]);
      expect(dpor.executions).toBeLessThanOrEqual(naive.executions);
    }
    for (const verdict of ["premature-release", "double-free", "use-after-free"])
      expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(2);
  });
});
