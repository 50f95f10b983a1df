/** What several machines' numbers come from, said once. */
import type { MachineInput } from "../schema.ts";

type Source = NonNullable<MachineInput["sources"]>[number];

/** Where medians of core-to-core latencies were published, with the results file's machine. */
export function coreToCore(machine: string): string {
  return `nviennot/core-to-core-latency, results for ${machine}: median one-way latency of a compare-and-swap ping-pong`;
}

/** Fields for which no machine has a published number. */
export const unpublished: readonly Source[] = [
  {
    what: ["costNs.store"],
    basis: "assumed",
    where: "a plain store waits in the store buffer and does not stop the CPU",
  },
  {
    what: ["costNs.fence"],
    basis: "assumed",
    where: "a full fence is a locked addition to the stack on x86, and costs what a private atomic does",
  },
  {
    what: ["holdNs"],
    basis: "assumed",
    where:
      "shorter than a load, so that a get and a put back to back are one transfer, and not with a look at memory between them: with 1 ns or more, neither what v6.7 and v6.11 gained nor the atomic-increment table comes out (docs/fidelity.md)",
  },
  {
    what: ["mostHoldNs"],
    basis: "assumed",
    where: "long enough for two atomic operations, which is all that it is for in what was published",
  },
  {
    what: ["gracePeriodUs"],
    basis: "assumed",
    where: "the length of a grace period on a busy machine with HZ=1000: a few scheduler ticks",
  },
];

/** No loss but the program's own. */
export const noScaling: Source = {
  what: ["scaling"],
  basis: "assumed",
  where: "no measurement without the strategy is known, so CPUs are taken not to slow each other down",
};
