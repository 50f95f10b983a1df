/** Parameters that several workloads share, so that they mean the same everywhere and have one documentation. */
import { z } from "zod";

/** Total over all CPUs; CPUs differ by at most one. */
export const requestsParameter = z
  .int()
  .min(1)
  .max(2_000_000_000)
  .describe("requests over all CPUs together; CPUs differ by at most one");

export const thinkUsParameter = z
  .number()
  .min(0)
  .max(200_000)
  .describe("mean time outside the kernel before each request, in us; 0: none");

export const thinkDistributionParameter = z
  .enum(["exponential", "constant"])
  .describe("distribution of the think times");

export const threadsPerProcessParameter = z
  .int()
  .min(1)
  .max(4096)
  .describe("consecutive workers that are threads of one process and share its cred");

export const profilesParameter = z
  .int()
  .min(0)
  .max(100_000)
  .describe("profiles in the policy beside unconfined");

export const workerLabelsParameter = z
  .enum(["unconfined", "shared", "own"])
  .describe(
    "label of the workers: all unconfined, all the first profile, or worker c the profile 1 + c modulo profiles",
  );

export type WorkerLabels = z.infer<typeof workerLabelsParameter>;

/** Index of the profile that worker `cpu` runs under; 0 is unconfined. */
export function workerProfile(labels: WorkerLabels, cpu: number, profiles: number): number {
  if (labels === "unconfined" || profiles === 0) return 0;
  return labels === "shared" ? 1 : 1 + (cpu % profiles);
}

/** Requests of CPU `cpu` when `total` is dealt out as evenly as can be. */
export function shareOf(total: number, cpus: number, cpu: number): number {
  return Math.floor(total / cpus) + (cpu < total % cpus ? 1 : 0);
}

/** A think time in whole ns: the mean itself, or one drawn with `exponentialNs`. */
export function thinkTimeNs(
  thinkUs: number,
  distribution: "exponential" | "constant",
  random: { exponentialNs(meanNs: number): number },
): number {
  const meanNs = Math.round(thinkUs * 1000);
  return distribution === "constant" ? meanNs : random.exponentialNs(meanNs);
}

export const replacePerSecondParameter = z
  .number()
  .min(0)
  .max(1_000_000)
  .describe("profiles replaced per second of simulated load, by worker 0 between requests");

/** Time that a request takes in the kernel, roughly, in us: what rates per second are turned into counts with. */
const requestUs = 5;

/** Events of that rate while a worker serves so many requests: at least one, unless the rate is 0. */
export function policyEvents(perSecond: number, requests: number, thinkUs: number): number {
  if (perSecond === 0) return 0;
  return Math.max(1, Math.round((perSecond * requests * (thinkUs + requestUs)) / 1_000_000));
}
