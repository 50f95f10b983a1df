/**
 * will-it-scale's open1 and open2 (https://github.com/antonblanchard/will-it-scale, tests/open1.c, tests/open2.c): each CPU
 * opens and closes a file of its own in a loop. The two differ in whether the files share a directory, which no label
 * sees, so they are one workload here. One request is one open and one close.
 */
import { z } from "zod";
import { Event } from "../kernel/events.ts";
import {
  profilesParameter,
  requestsParameter,
  shareOf,
  thinkDistributionParameter,
  thinkTimeNs,
  thinkUsParameter,
  threadsPerProcessParameter,
  workerLabelsParameter,
  workerProfile,
} from "./parameters.ts";
import { Random } from "./random.ts";
import { mayRead, ScriptBuilder } from "./script.ts";
import { type BuildContext, makeWorkload, type Workload } from "./workload.ts";

export const openCloseParameters = z
  .strictObject({
    requests: requestsParameter.default(1_000_000),
    permissionsPerFile: z.int().min(0).max(1000).default(0).describe("reads between open and close"),
    thinkUs: thinkUsParameter.default(0),
    thinkDistribution: thinkDistributionParameter.default("constant"),
    profiles: profilesParameter.default(8),
    workerLabels: workerLabelsParameter.default("unconfined"),
    threadsPerProcess: threadsPerProcessParameter.default(1),
  })
  .refine((parameters) => parameters.profiles > 0 || parameters.workerLabels === "unconfined", {
    path: ["workerLabels"],
    message: "needs at least one profile; set profiles to 1 or more",
  });

export type OpenCloseParameters = z.infer<typeof openCloseParameters>;

/** Think times that a CPU draws before its script repeats them. */
const distinctThinks = 100;

/** Builds the workload; only the think times may be random, and only where their distribution is not constant. */
export function buildOpenClose(parameters: OpenCloseParameters, context: BuildContext): Workload {
  const { permissionsPerFile, thinkDistribution, thinkUs } = parameters;
  const scripts = Array.from({ length: context.cpus }, (_, cpu) => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, cpu);
    const profile = workerProfile(parameters.workerLabels, cpu, parameters.profiles);
    if (profile !== 0) script.add(Event.changeProfile, profile);
    const random = new Random(`${context.seed}/open-close/${cpu}`);
    const open = (): void => {
      const thinkNs = thinkTimeNs(thinkUs, thinkDistribution, random);
      if (thinkNs > 0) script.add(Event.think, thinkNs);
      script.add(Event.open, 0);
      for (let i = 0; i < permissionsPerFile; i++) script.add(Event.permission, 0, mayRead);
      script.add(Event.close, 0);
      script.add(Event.request);
    };
    const requests = shareOf(parameters.requests, context.cpus, cpu);
    const period = thinkDistribution === "constant" ? 1 : Math.min(requests, distinctThinks);
    script.repeat(period === 0 ? 0 : Math.floor(requests / period), () => {
      for (let i = 0; i < period; i++) open();
    });
    for (let i = period === 0 ? 0 : requests % period; i > 0; i--) open();
    return script.finish();
  });
  return makeWorkload({
    name: "open-close",
    scripts,
    population: {
      profiles: parameters.profiles,
      tasks: context.cpus,
      descriptorsPerTask: 1,
      threadsPerProcess: parameters.threadsPerProcess,
      channels: 0,
    },
    openAtCut: 0,
  });
}
