/** What both scenarios of an address space read from its program. */

import { MapsKind } from "../kernel/procfs/maps/kinds.ts";
import { MapsAudit } from "../kernel/procfs/maps/maps-names.ts";
import { faultCounters } from "./audit-names.ts";
import type { ProgramScenario } from "./types.ts";

const faults = faultCounters(MapsAudit.warnings, MapsAudit.violations);

/** Numbers without a name of their own: where ranges of counters begin. */
const rangeNames = ["warnings", "violations"];

/** The program and its counters, the same for both. */
export const mapsProgram = {
  program: "src/kernel/procfs/maps/program.ts",
  callbacks: "src/kernel/procfs/maps/callbacks.ts",
  kinds: MapsKind as unknown as Record<number, string>,
  audit: {
    ...(Object.fromEntries(
      Object.entries(MapsAudit).filter(
        ([name, counter]) => typeof counter === "number" && !rangeNames.includes(name),
      ),
    ) as Record<string, number>),
    ...faults,
  },
  countedInRun: [
    "requests",
    "events",
    "told",
    "pages",
    "passes",
    "retries",
    "fallbacks",
    "falseGaps",
    "twice",
    "torn",
    "bytes",
    "changes",
    "queries",
    "answers",
    "stale",
    "heldUp",
  ],
  leaks: ["areaObjects", "nodes"],
  faults: ["badRecords", "wrongAnswers", ...Object.keys(faults)],
} satisfies Partial<ProgramScenario>;

/** Bytes of an area and of its share of the tree, rounded up by the allocator. */
export const bytesPerArea = 2 * 320;
/** What CPUs keep back for a grace period at a time. */
export const waitingBytes = 16 * 2 ** 20;
