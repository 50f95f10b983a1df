import { describe, expect, test } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { findWorkload, hashScripts, workloadNames, workloads } from "../../src/workloads/index.ts";
import { countEvents } from "../../src/workloads/workload.ts";
import { simulate } from "./simulate.ts";

function nginx(parameters: Record<string, unknown>, cpus: number, seed = "test") {
  return workloads.nginx.build(workloads.nginx.parameters.parse(parameters), { cpus, seed });
}

/** A parameter set of each generated workload that uses the seed, and the hash of its scripts on three CPUs. */
const recorded = [
  ["nginx", { requests: 5000 }, "b3b25e84784afac1"],
  ["nginx", { requests: 500, passShare: 0.2, changeProfileShare: 0.1, thinkUs: 0 }, "eb4f47189f687c45"],
  ["open-close", { requests: 1000, workerLabels: "own" }, "698ff2c013552d59"],
  ["refscale", { requests: 1000, labels: "rotate" }, "1083bacc335b8435"],
] as const;

describe.each(recorded)("%s with %j", (name, parameters, hash) => {
  const definition = findWorkload(name);
  const build = (seed: string) =>
    definition?.build(definition.parameters.parse(parameters), { cpus: 3, seed })?.scripts ?? [];

  test("gives the bytes that it gave when it was written", () => {
    expect(hashScripts(build("nginx-2024"))).toBe(hash);
  });

  test("gives the same bytes again for the same seed", () => {
    expect(build("again")).toEqual(build("again"));
  });

  test("gives other bytes for another seed, if anything in it is random", () => {
    expect(hashScripts(build("one")) === hashScripts(build("two"))).toBe(name === "open-close");
  });
});

describe("nginx", () => {
  test.each([
    [1, 1],
    [3, 8],
    [7, 3],
    [40_000, 6],
    [12_345, 4],
  ])("serves exactly %i requests on %i CPUs", (requests, cpus) => {
    const workload = nginx({ requests, distinctRequests: 100, passShare: 0.05 }, cpus);
    expect(workload.expected.requests).toBe(requests);
    const simulated = simulate(workload);
    expect(simulated.requests).toBe(requests);
    expect(simulated.opens).toBe(workload.expected.opens);
    expect(simulated.closes).toBe(workload.expected.closes);
    expect(simulated.openAtEnd).toBe(workload.expected.openAtCut);
    expect(simulated.inFlight).toBe(0);
  });

  test("repeats a period of requests when there are many, and stays small", () => {
    const workload = nginx({ requests: 10_000_000 }, 2);
    expect(workload.expected.requests).toBe(10_000_000);
    expect(workload.scripts[0]?.byteLength).toBeLessThan(200_000);
  });

  test("opens, logs and sends as often as the recorded trace by default", () => {
    const { expected } = nginx({ requests: 100_000, distinctRequests: 100_000 }, 1);
    // Two opens are the logs; the rest is one for each request that finds its file.
    expect(expected.opens - 2 + expected.failedOpens).toBe(100_000);
    expect(expected.failedOpens / 100_000).toBeCloseTo(76 / 1563, 2);
    // writev for all, sendfile for those that find their file.
    expect(expected.sends).toBe(200_000 - expected.failedOpens);
    // recvfrom and the access log for all, and either sendfile's read or the error log.
    expect(expected.permissions).toBe(300_000);
    expect(expected.accepts / 100_000).toBeCloseTo(0.1, 2);
  });

  test("never deadlocks when files are passed through channels that hold one, whoever is late", () => {
    for (let seed = 0; seed < 40; seed++) {
      const cpus = 1 + (seed % 5);
      const parameters = {
        requests: 300,
        distinctRequests: 37,
        passShare: (seed % 10) / 10,
        notFoundShare: 0.05,
      };
      const workload = nginx(parameters, cpus, `seed ${seed}`);
      expect(workload.expected.passes).toBe(workload.expected.receives);
      const simulated = simulate(workload, `schedule ${seed}`, 1 + (seed % 3));
      expect(simulated.requests).toBe(300);
      expect(simulated.inFlight).toBe(0);
    }
  });

  test("passes about the share of files that was asked for", () => {
    const { expected } = nginx({ requests: 4000, passShare: 0.25 }, 2);
    expect(expected.passes / 4000).toBeCloseTo(0.25, 1);
  });

  test("enters a profile by exec where asked, and every request returns to the worker's label", () => {
    const { expected, scripts } = nginx(
      { requests: 1000, changeProfileShare: 1, changeBy: "exec", workerLabels: "own" },
      1,
    );
    expect(expected.execs).toBe(1000);
    expect(expected.profileChanges).toBe(1001);
    expect(Array.from(scripts[0]?.subarray(4, 8) ?? [])).toEqual([Event.changeProfile, 1, 0, 0]);
  });

  test("stacks, changes and enters hats in the shares asked for, and leaves each again", () => {
    const { expected, population, setupRecords } = nginx(
      { requests: 4000, workerLabels: "own", changeProfileShare: 0.5, stackShare: 0.4, hatShare: 0.2 },
      2,
    );
    expect(expected.stacks / 4000).toBeCloseTo(0.2, 1);
    expect((expected.profileChanges - 2 + expected.stacks) / 2 / 4000).toBeCloseTo(0.5, 1);
    // Entering and leaving are an event each.
    expect(expected.hats / 2 / 4000).toBeCloseTo(0.1, 1);
    expect(population).toMatchObject({ profiles: 8, namedProfiles: 2 });
    // A hat for each worker's profile: its name, its parent, its load.
    expect(setupRecords).toBe(6);
  });

  test("replaces profiles on the first worker only, as often as the rate says and at least once", () => {
    const load = (replacePerSecond: number, thinkUs = 35) =>
      nginx({ requests: 20_000, thinkUs, replacePerSecond }, 2).scripts.map(
        (cells) => countEvents(cells).byEvent[Event.loadProfile],
      );
    // 10,000 requests of 40 us are 0.4 s.
    expect(load(1000)).toEqual([400, 0]);
    // Once in each of ten periods of 1,000 requests.
    expect(load(0.1)).toEqual([10, 0]);
    expect(load(0)).toEqual([0, 0]);
  });

  test("does not think when the think time is 0", () => {
    expect(nginx({ thinkUs: 0 }, 2).expected.thinks).toBe(0);
  });

  test.each([
    [{ profiles: 0, workerLabels: "own" }, "workerLabels"],
    [{ profiles: 0, changeProfileShare: 0.1 }, "changeProfileShare"],
    [{ filesPerRequest: 0, passShare: 0.1 }, "passShare"],
    [{ passShare: 0.9, notFoundShare: 0.2 }, "passShare"],
    [{ requests: 0 }, "requests"],
    [{ profiles: 0, replacePerSecond: 1 }, "replacePerSecond"],
    [{ hatShare: 0.5 }, "hatShare"],
    [{ keepAlive: 1.5 }, "keepAlive"],
  ])("refuses %j", (parameters, path) => {
    const parsed = workloads.nginx.parameters.safeParse(parameters);
    expect(parsed.error?.issues[0]?.path).toEqual([path]);
  });
});

test("open-close opens and closes exactly as often as asked, over all CPUs", () => {
  const { build, parameters } = workloads["open-close"];
  const workload = build(parameters.parse({ requests: 100_001, permissionsPerFile: 2 }), {
    cpus: 4,
    seed: "",
  });
  expect(workload.expected).toMatchObject({
    requests: 100_001,
    opens: 100_001,
    closes: 100_001,
    permissions: 200_002,
  });
  expect(simulate(workload)).toMatchObject({ requests: 100_001, opens: 100_001, openAtEnd: 0 });
  expect(workload.scripts[0]?.length).toBeLessThan(40);
});

test("refscale does exactly the pairs that were asked for", () => {
  const { build, parameters } = workloads.refscale;
  for (const labels of ["unconfined", "own", "rotate"]) {
    const workload = build(parameters.parse({ requests: 1001, pairsPerRequest: 30, labels }), {
      cpus: 2,
      seed: "",
    });
    expect(workload.expected).toMatchObject({ requests: 1001, pairs: 30_030, opens: 0 });
    expect(simulate(workload).requests).toBe(1001);
  }
});

/** Parameters without a default. */
const needs: Readonly<Record<string, object>> = {
  strace: { trace: "x" },
  policy: { steps: [{ create: "web" }] },
};

test("every workload has a title, a page and parameters whose defaults are accepted", () => {
  expect(workloadNames).toEqual(["churn", "nginx", "open-close", "policy", "refscale", "strace"]);
  for (const name of workloadNames) {
    const definition = findWorkload(name);
    expect(definition?.title).toBeTruthy();
    expect(definition?.doc).toBe(`docs/workloads/${name}.md`);
    const needed = needs[name] ?? {};
    expect(definition?.parameters.safeParse(needed).success).toBe(true);
    expect(definition?.parameters.safeParse({ ...needed, nonsense: 1 }).success).toBe(false);
  }
  expect(findWorkload("toString")).toBeUndefined();
});
