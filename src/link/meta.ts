/** What is known of a strategy before it is linked: its description, with capabilities that follow from its parts where it has some. */
import { type Capabilities, type OwnDescription, readDescription } from "./description.ts";
import { type PartedUse, partsOf } from "./parts.ts";
import type { SourceHost } from "./source-host.ts";

export type StrategyDescription = Omit<OwnDescription, "capabilities"> & {
  readonly capabilities: Capabilities;
};

/** From the most to the least that labels can be relied on to go. */
const releases = ["lastPut", "retire", "scan", "never"] as const satisfies Capabilities["releases"][];

/** What can be said of several strategies at once, each of which has some of the labels. */
function together(parts: readonly Capabilities[]): Capabilities {
  const [first] = parts;
  return {
    releases: releases[Math.max(...parts.map((part) => releases.indexOf(part.releases)))] ?? "never",
    detects: (first?.detects ?? []).filter((misuse) =>
      parts.every(({ detects }) => detects.includes(misuse)),
    ),
    needsMaintenance: parts.some(({ needsMaintenance }) => needsMaintenance),
  };
}

/**
 * The description in a strategy file's default export; the capabilities of one that has parts are those of the parts together.
 * @throws RefplayError where the file is missing, does not parse, or describes no strategy, and for parts that cannot be
 */
export function describeUse(use: PartedUse, host: SourceHost): StrategyDescription {
  const description = readDescription(use.path, host);
  if (description.capabilities !== undefined) {
    if (use.parts !== undefined) partsOf(use, host);
    return { ...description, capabilities: description.capabilities };
  }
  const parts = [...partsOf(use, host).values()].map((part) => describeUse(part, host).capabilities);
  return { ...description, capabilities: together(parts) };
}

/** The same of a strategy with its default options and parts. */
export function readStrategyMeta(path: string, host: SourceHost): StrategyDescription {
  return describeUse({ path }, host);
}
