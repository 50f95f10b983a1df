/**
 * The micro benchmark that published tables of reference counts use (the kernel's kernel/rcu/refscale.c is one): get and put
 * in a loop on every CPU, with an optional delay in between, and nothing else. One request is a batch of pairs, so that
 * counting requests costs little beside them.
 */
import { z } from "zod";
import { Event } from "../kernel/events.ts";
import { profilesParameter, requestsParameter, shareOf } from "./parameters.ts";
import { Random } from "./random.ts";
import { ScriptBuilder } from "./script.ts";
import { type BuildContext, makeWorkload, type Workload } from "./workload.ts";

export const refscaleParameters = z
  .strictObject({
    requests: requestsParameter.default(100_000),
    pairsPerRequest: z.int().min(1).max(10_000).default(100).describe("get+put pairs in one request"),
    delayNs: z.int().min(0).max(1_000_000_000).default(0).describe("time from each get to its put, in ns"),
    profiles: profilesParameter.default(8),
    labels: z
      .enum(["unconfined", "own", "rotate"])
      .default("unconfined")
      .describe(
        "label of the pairs: unconfined on all CPUs; own: CPU c uses profile 1 + c modulo profiles; rotate: every CPU goes " +
          "through all profiles in an order of its own",
      ),
  })
  .refine((parameters) => parameters.profiles > 0 || parameters.labels === "unconfined", {
    path: ["labels"],
    message: "needs at least one profile; set profiles to 1 or more",
  });

export type RefscaleParameters = z.infer<typeof refscaleParameters>;

/** Builds the workload; only `labels: rotate` draws from the seed. */
export function buildRefscale(parameters: RefscaleParameters, context: BuildContext): Workload {
  const { pairsPerRequest, profiles, delayNs } = parameters;
  const scripts = Array.from({ length: context.cpus }, (_, cpu) => {
    const script = new ScriptBuilder();
    script.add(Event.switchTask, cpu);
    script.repeat(shareOf(parameters.requests, context.cpus, cpu), () => {
      if (parameters.labels === "rotate") {
        const indices = Array.from({ length: profiles }, (_, index) => 1 + index);
        const order = new Random(`${context.seed}/refscale/${cpu}`).shuffle(indices);
        for (let i = 0; i < pairsPerRequest; i++) script.add(Event.pair, order[i % profiles], delayNs);
      } else {
        const profile = parameters.labels === "own" ? 1 + (cpu % profiles) : 0;
        script.repeat(pairsPerRequest, () => script.add(Event.pair, profile, delayNs));
      }
      script.add(Event.request);
    });
    return script.finish();
  });
  return makeWorkload({
    name: "refscale",
    scripts,
    population: { profiles, tasks: context.cpus, descriptorsPerTask: 1, threadsPerProcess: 1, channels: 0 },
    openAtCut: 0,
  });
}
