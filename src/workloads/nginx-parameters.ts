/** Parameters of the nginx load, and where their defaults come from: docs/workloads/nginx.md has the counts. */
import { z } from "zod";
import {
  profilesParameter,
  replacePerSecondParameter,
  requestsParameter,
  thinkDistributionParameter,
  thinkUsParameter,
  threadsPerProcessParameter,
  workerLabelsParameter,
} from "./parameters.ts";

/** From none to all. */
export const shareParameter = z.number().min(0).max(1);

export const nginxParameters = z
  .strictObject({
    requests: requestsParameter.default(40_000),
    distinctRequests: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe("requests that each CPU draws before its script repeats them"),
    thinkUs: thinkUsParameter.default(35),
    thinkDistribution: thinkDistributionParameter.default("exponential"),
    keepAlive: shareParameter
      .default(0.9)
      .describe("share of requests on a connection that is open already; the recorded run has 0.995"),
    connections: z
      .int()
      .min(1)
      .max(1000)
      .default(4)
      .describe("connections that each worker keeps open; the recorded run has 8 for two workers"),
    filesPerRequest: z
      .int()
      .min(0)
      .max(100)
      .default(1)
      .describe("files opened for a request, one after the other"),
    permissionsPerFile: z
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe("reads of each file beside its sendfile; nginx does none"),
    notFoundShare: shareParameter
      .default(0.049)
      .describe(
        "share of requests for files that do not exist: they take no reference; recorded: 76 of 1,563",
      ),
    logWrites: z.int().min(0).max(100).default(1).describe("writes to the access log for each request"),
    profiles: profilesParameter.default(8),
    workerLabels: workerLabelsParameter.default("unconfined"),
    changeProfileShare: shareParameter
      .default(0)
      .describe("share of requests that are served under a profile of the policy (as by mod_apparmor)"),
    changeBy: z
      .enum(["changeProfile", "exec"])
      .default("changeProfile")
      .describe("how a request enters its profile; it always leaves it by changeProfile"),
    stackShare: shareParameter
      .default(0)
      .describe(
        "share of the requests that change profile which add it to the worker's label instead (a compound)",
      ),
    hatShare: shareParameter
      .default(0)
      .describe(
        "share of the other requests that are served in a hat of the worker's profile (aa_change_hat)",
      ),
    replacePerSecond: replacePerSecondParameter.default(0),
    passShare: shareParameter
      .default(0)
      .describe(
        "share of requests whose first file is also passed to the worker of the next CPU; under workerLabels own " +
          "that one's label is merged into the file's",
      ),
    threadsPerProcess: threadsPerProcessParameter.default(1),
  })
  .superRefine((parameters, context) => {
    const refuse = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (parameters.profiles === 0 && parameters.workerLabels !== "unconfined") {
      refuse(
        "workerLabels",
        `\`${parameters.workerLabels}\` needs at least one profile; set profiles to 1 or more`,
      );
    }
    if (parameters.profiles === 0 && parameters.changeProfileShare > 0) {
      refuse("changeProfileShare", "needs at least one profile; set profiles to 1 or more");
    }
    if (parameters.profiles === 0 && parameters.replacePerSecond > 0) {
      refuse("replacePerSecond", "needs profiles to replace; set profiles to 1 or more");
    }
    if (parameters.hatShare > 0 && parameters.workerLabels === "unconfined") {
      refuse("hatShare", "hats are of a worker's profile: set workerLabels to own or shared");
    }
    if (parameters.filesPerRequest === 0 && parameters.passShare > 0) {
      refuse("passShare", "needs files to pass; set filesPerRequest to 1 or more");
    }
    if (parameters.passShare + parameters.notFoundShare > 1) {
      refuse(
        "passShare",
        "a request whose file is missing passes none: passShare + notFoundShare must not exceed 1",
      );
    }
  });

export type NginxParameters = z.infer<typeof nginxParameters>;
