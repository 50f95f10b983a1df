/** The machine that a run was measured on. */
import { availableParallelism, cpus, type as osType, release } from "node:os";
import { packageVersion } from "../version.ts";
import type { Host } from "./schema.ts";

/** This machine, now. */
export function thisHost(): Host {
  return {
    cpuModel: cpus()[0]?.model.trim() || "unknown CPU",
    cores: availableParallelism(),
    os: `${osType()} ${release()}`,
    node: process.versions.node,
    refplay: packageVersion(),
  };
}
