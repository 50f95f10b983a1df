/** Part bytes: what a label takes, by part, for a plain and a compound label and with each strategy. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { IrProgram } from "../../../src/link/ir.ts";
import { packageRoot } from "../../../src/link/node-host.ts";
import type { LabelPopulation } from "../../../src/policy/population.ts";
import { labelBytesByPart } from "../../../src/runner/label-bytes.ts";

/** Bytes of one label in the widths of a 64-bit kernel, before the allocator rounds them up. */
export interface LabelBytes {
  readonly strategy: string;
  readonly kind: "plain" | "compound";
  /** Profiles in it. */
  readonly profiles: number;
  /** The structure without what follows. */
  readonly label: number;
  /** The strategy's part of the structure. */
  readonly counter: number;
  readonly vector: number;
  /** Holders of the references to a compound's profiles; in the kernel the vector is these, so there they are 0. */
  readonly holders: number;
  /** The name as the kernel keeps it, with its final 0: mean of the policy's. The mini-kernel has numbers instead. */
  readonly name: number;
  readonly proxy: number;
  /** What the mini-kernel has of a profile; the kernel's is larger. */
  readonly profile: number;
  /** Per-CPU bytes over all CPUs, and what the strategy allocates apart. */
  readonly perCpu: number;
  readonly extra: number;
  readonly total: number;
}

/** Files of strategies/ that are offered to users. */
export function strategyNames(): string[] {
  const names = readdirSync(join(packageRoot, "strategies"));
  return names.flatMap((name) => (name.endsWith(".ts") ? [name.slice(0, -3)] : [])).sort();
}

/** A plain label and a compound of `parts` profiles on so many CPUs. */
export function labelBytes(
  ir: IrProgram,
  strategy: string,
  cpus: number,
  parts: number,
  names: MeanNames,
): [plain: LabelBytes, compound: LabelBytes] {
  const by = labelBytesByPart(ir, cpus);
  const holderBytes = ir.constants.get("slotBytes");
  if (holderBytes === undefined) throw new Error("the program has no constant slotBytes");
  const make = (kind: "plain" | "compound", profiles: number): LabelBytes => {
    const compound = kind === "compound";
    const split = {
      label: by.label,
      counter: by.strategy,
      vector: by.vectorPerPart * (profiles + 1),
      holders: compound ? holderBytes * profiles : 0,
      name: compound ? names.compound : names.plain,
      proxy: by.proxy,
      profile: compound ? 0 : by.profile,
      perCpu: by.perCpu,
      extra: by.extra,
    };
    const total = Object.values(split).reduce((sum, bytes) => sum + bytes, 0);
    return { strategy, kind, profiles, ...split, total };
  };
  return [make("plain", 1), make("compound", parts)];
}

/** Mean bytes of a name, rounded. */
export interface MeanNames {
  readonly plain: number;
  readonly compound: number;
  /** Mean number of profiles of a compound, rounded. */
  readonly parts: number;
}

export function meanNames({ texts, profiles }: LabelPopulation): MeanNames {
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  const bytes = (some: readonly string[]): number => mean(some.map((text) => Buffer.byteLength(text) + 1));
  const compounds = texts.slice(profiles.length);
  return {
    plain: bytes(texts.slice(0, profiles.length)),
    compound: bytes(compounds),
    parts: mean(compounds.map((text) => text.split("//&").length)),
  };
}
