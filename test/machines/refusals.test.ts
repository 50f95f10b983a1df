/** A description that does not add up is refused at the field that has to change, with what would be right. */
import { describe, expect, it } from "vitest";
import { parseMachine } from "../../src/machines/resolve.ts";
import { mistakes, mistakesOf } from "./support.ts";

describe("a machine file", () => {
  it("is taken where it adds up", () => {
    expect(mistakes()).toEqual([]);
  });

  it("may be JSON", () => {
    const text = JSON.stringify({ topology: { l3Domains: 1, cores: 2, threads: 2 }, latencyNs: { l3: 40 } });
    expect(parseMachine(text, "two.json").machine).toMatchObject({
      name: "custom",
      coresPerL3: 2,
      sockets: 1,
    });
  });

  it.each([
    [
      "threads: 32",
      "threads: 30",
      "6:12: `topology.threads`: 30 threads cannot be shared out evenly among 16 cores; 16 or 32 can",
    ],
    [
      "cores: 16",
      "cores: 18",
      "5:10: `topology.cores`: 18 cores cannot be shared out evenly among 4 L3 domains; 16 or 20 can",
    ],
    [
      "l3Domains: 4",
      "l3Domains: 1",
      "4:14: `topology.l3Domains`: 1 L3 domains cannot be shared out evenly among 2 sockets; 2 can",
    ],
    ["  cross: 200\n", "", "8:3: `latencyNs.cross`: missing, and the machine has 2 sockets"],
    ["  smt: 6\n", "", "8:3: `latencyNs.smt`: missing, and the machine has 2 threads per core"],
    ["  l3: 25\n", "", "8:3: `latencyNs.l3`: missing, and the machine has 4 cores per L3 domain"],
    ["  socket: 110\n", "", "8:3: `latencyNs.socket`: missing, and the machine has 2 L3 domains per socket"],
    ["l3: 25", "l3: -5", "9:7: `latencyNs.l3` is -5; it takes a number, 0.125 to 100000"],
    ["smt: 6", "smt: fast", '8:8: `latencyNs.smt` is "fast"; it takes a number, 0.125 to 100000'],
    [
      "socket: 110",
      "socket: 20",
      "10:11: `latencyNs.socket`: 20 is less than the 25 of `l3`, which is nearer",
    ],
    ["threads: 32", "threads: 5000", "6:12: `topology.threads` is 5000; it takes a whole number, 1 to 4096"],
    ["threads: 32", "threads: 0", "6:12: `topology.threads` is 0; it takes a whole number, 1 to 4096"],
    ["  threads: 32\n", "", "3:3: `topology.threads` is missing; it takes a whole number, 1 to 4096"],
    [
      "name: small",
      "name: a name",
      '1:7: `name`: "a name" cannot be a name; letters, digits, dots and dashes can, 40 at most',
    ],
    ["name: small", "lineBytes: 96", "1:12: `lineBytes`: 96 is not a power of two; 64 and 128 are"],
    ["name: small", "lineBytes: 32", "1:12: `lineBytes` is 32; it takes a whole number, 64 to 4096"],
    [
      "name: small",
      "costNs: { hit: 7 }",
      "1:16: `costNs.hit`: 7 is more than the 6 of `latencyNs.smt`; a line at hand takes less than one that has to be fetched",
    ],
    ["name: small", "costNs: { hit: 0 }", "1:16: `costNs.hit` is 0; it takes a number, above 0 to 100000"],
    ["name: small", "costNs: { atomic: -1 }", "1:19: `costNs.atomic` is -1; it takes a number, 0 to 100000"],
    [
      "name: small",
      "handOffNs: { cross: 100 }",
      "1:21: `handOffNs.cross`: 100 is less than the 110 of `socket`, which is nearer",
    ],
    [
      "name: small",
      "handOffNs: { l3: 120 }",
      "1:18: `handOffNs.l3`: 120 is more than the 110 of `socket`, which is farther",
    ],
    [
      "name: small",
      "handOffNs: { smt: 2 }",
      "1:19: `handOffNs.smt`: 2 is less than half of `latencyNs.smt`, 3, in which a request comes to the line",
    ],
    [
      "name: small",
      "mostHoldNs: 0.25",
      "1:13: `mostHoldNs`: 0.25 is less than the 0.5 of `holdNs`, which it limits",
    ],
    [
      "name: small",
      "storeBufferEntries: 0",
      "1:21: `storeBufferEntries` is 0; it takes a whole number, 1 to 1024",
    ],
    ["name: small", "gracePeriodUs: -1", "1:16: `gracePeriodUs` is -1; it takes a number, 0 to 10000000"],
    [
      "name: small",
      "scaling: [{ l3Domains: 2, percent: 95 }]",
      "1:24: `scaling[0].l3Domains`: the table begins at 2; it begins at 1, with 100 percent",
    ],
    [
      "name: small",
      "scaling: [{ l3Domains: 1, percent: 95 }]",
      "1:36: `scaling[0].percent`: 95 for one L3 domain; that is what 100 percent are",
    ],
    [
      "name: small",
      "scaling: [{ l3Domains: 1, percent: 101 }]",
      "1:36: `scaling[0].percent` is 101; it takes a number, 1 to 100",
    ],
    [
      "name: small",
      "scaling: [{ l3Domains: 1, percent: 100 }, { l3Domains: 1, percent: 90 }]",
      "1:56: `scaling[1].l3Domains`: 1 does not come after 1; the table ascends",
    ],
    [
      "name: small",
      "scaling: [{ l3Domains: 1, percent: 100 }, { l3Domains: 5, percent: 90 }]",
      "1:56: `scaling[1].l3Domains`: 5 is more than the 4 that the machine has",
    ],
    [
      "name: small",
      "sources: [{ what: [latencyNs.l4], basis: measured, where: here }]",
      "1:20: `sources[0].what[0]`: there is no field `latencyNs.l4` in this description; did you mean `latencyNs.l3`?",
    ],
    [
      "name: small",
      "sources: [{ what: [scaling], basis: guessed, where: here }]",
      "1:37: unknown basis `guessed`",
    ],
  ])("with %j in place of %j is refused", (from, to, message) => {
    expect(mistakes([from, to])).toEqual([`small.yaml:${message}`]);
  });

  it("is asked whether a key that nobody knows is a misspelt one", () => {
    expect(mistakes(["name: small", "gracePeriodMs: 7"])).toEqual([
      "small.yaml:1:1: unknown key `gracePeriodMs`; did you mean `gracePeriodUs`?",
    ]);
  });

  it("is told all its mistakes at once", () => {
    expect(mistakes(["cross: 200", "cross: 50"], ["name: small", "mostHoldNs: 0.25"])).toHaveLength(2);
  });

  it("is refused at the place of a syntax error", () => {
    expect(mistakesOf(() => parseMachine("name: [", "broken.yaml"))[0]).toMatch(/^broken\.yaml:1:\d+: /);
  });

  it("is refused where it is empty, or no mapping", () => {
    expect(mistakesOf(() => parseMachine("", "empty.yaml"))).toEqual([
      "empty.yaml: `topology` is missing; it takes a mapping of keys to values",
    ]);
    expect(mistakesOf(() => parseMachine("[1]", "list.yaml"))).toEqual([
      "list.yaml:1:1: the machine is a list; it takes a mapping of keys to values",
    ]);
  });

  it("needs no distance that the machine does not have", () => {
    const one = "topology: { l3Domains: 1, cores: 1, threads: 1 }";
    expect(parseMachine(one, "one.yaml").machine.idleNs).toEqual({
      smt: 100,
      l3: 100,
      socket: 100,
      cross: 100,
    });
  });

  it("is not asked for latencies before its topology is right", () => {
    expect(mistakes(["threads: 32", "threads: 33"], ["  smt: 6\n", ""])).toHaveLength(1);
  });
});
