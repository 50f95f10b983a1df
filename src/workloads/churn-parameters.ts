/** Parameters of the churn load: a policy of many labels, what changes it, and the nginx load beside. */
import { z } from "zod";
import { shareParameter } from "./nginx-parameters.ts";
import {
  requestsParameter,
  thinkDistributionParameter,
  thinkUsParameter,
  workerLabelsParameter,
} from "./parameters.ts";

const rate = (what: string) =>
  z.number().min(0).max(1_000_000).describe(`${what} per second, on the last CPU`);

export const churnParameters = z
  .strictObject({
    requests: requestsParameter.default(40_000),
    distinctRequests: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe("requests that each CPU draws before its script repeats them; policy events, too"),
    thinkUs: thinkUsParameter.default(35),
    thinkDistribution: thinkDistributionParameter.default("exponential"),
    labels: z.int().min(2).max(100_000).default(1000).describe("labels of the policy, compounds among them"),
    compoundShare: shareParameter
      .default(0.2)
      .describe("share of the labels that are compounds, kept from the start"),
    namespaces: z.int().min(0).max(1000).default(2).describe("namespaces beside the root"),
    children: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.1)
      .describe("share of the root's profiles that are children"),
    replacePerSecond: rate("profiles replaced").default(100),
    compoundsPerSecond: rate("compounds stacked, kept and later dropped").default(100),
    removePerSecond: rate("profiles removed and loaded again").default(10),
    keptCompounds: z
      .int()
      .min(1)
      .max(10_000)
      .default(32)
      .describe("compounds that the last CPU keeps; with one more it drops its oldest"),
    policyEvents: z
      .int()
      .min(0)
      .max(2_000_000_000)
      .default(0)
      .describe(
        "replacements, compounds and removals of a run together; 0: as many as the rates make while the others serve",
      ),
    pauseScale: z
      .number()
      .min(0)
      .max(1000)
      .default(1)
      .describe("factor on the pauses between them; 0: policy changes without pause"),
    lookUpsPerRequest: z
      .int()
      .min(0)
      .max(1000)
      .default(1)
      .describe("look-ups of a label by its profiles, in each request"),
    parseShare: shareParameter.default(0.1).describe("share of requests that read a label from its names"),
    workerLabels: workerLabelsParameter.default("own"),
    changeProfileShare: shareParameter
      .default(0.1)
      .describe("share of requests that are served under another profile"),
    stackShare: shareParameter
      .default(0.5)
      .describe("share of those that add it to the worker's label instead"),
    passShare: shareParameter
      .default(0.05)
      .describe("share of requests whose file another worker uses, too, which merges labels"),
    stallEvery: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe("requests from one stall of a worker to the next; 0: none"),
    stallMs: z.number().min(0).max(1000).default(5).describe("length of a stall, in ms"),
    stallIn: z
      .enum(["user", "sleep", "borrow", "section"])
      .default("section")
      .describe(
        "where the worker stands: outside the kernel, asleep in a system call, pushed off its CPU with its label borrowed, or with " +
          "its CPU in a read section",
      ),
    visitShare: shareParameter
      .default(0)
      .describe("share of stalls before which the worker opens and closes a file under another profile"),
  })
  .superRefine((parameters, context) => {
    const { labels, compoundShare, namespaces, passShare } = parameters;
    const singles = labels - Math.floor(labels * compoundShare);
    if (singles < 2 * (namespaces + 1)) {
      context.addIssue({
        code: "custom",
        path: ["labels"],
        message: `every namespace needs two profiles: ${singles} labels of one profile are too few for ${namespaces} and the root`,
      });
    }
    if (passShare > 0.9) {
      context.addIssue({
        code: "custom",
        path: ["passShare"],
        message: "at most 0.9: some requests are for files that do not exist",
      });
    }
  });

export type ChurnParameters = z.infer<typeof churnParameters>;
