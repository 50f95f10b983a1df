import { describe, expect, test } from "vitest";
import { Event } from "../../src/kernel/events.ts";
import { labelPopulation } from "../../src/policy/population.ts";
import { disassemble } from "../../src/workloads/disassemble.ts";
import { PolicyNumbers } from "../../src/workloads/policy-names.ts";
import { PolicyScript, populationSetup } from "../../src/workloads/policy-script.ts";
import { ScriptBuilder } from "../../src/workloads/script.ts";
import { countEvents, hashScripts, makeWorkload } from "../../src/workloads/workload.ts";

const profiles = [
  { namespace: [], profile: "nginx" },
  { namespace: [], profile: "nginx//DEFAULT_URI" },
  { namespace: ["web"], profile: "php" },
] as const;

describe("a policy as records", () => {
  const script = new ScriptBuilder();
  const policy = new PolicyScript(script, new PolicyNumbers({ profiles }));
  policy.nameAll();
  policy.createNamespace(["web"]);
  policy.load([{ part: profiles[0] }, { part: profiles[1], mode: "complain" }], false);
  policy.load([{ part: profiles[2] }], true);
  script.add(Event.switchTask, 0);
  policy.keep([profiles[0], profiles[2]], 1);
  policy.remove(profiles[0]);
  policy.destroyNamespace(["web"]);
  policy.answer(3);
  const cells = script.finish();

  test("reads as text", () => {
    expect(disassemble(cells).split("\n")).toEqual([
      " 0: nameProfile profile 0 namespace 0 rank 3",
      " 1: nameProfile profile 1 namespace 0 rank 1",
      " 2: nameProfile profile 2 namespace 0 rank 2",
      " 3: nameProfile profile 3 namespace 1 rank 4",
      " 4: nameProfile profile 4 namespace 1 rank 5",
      " 5: nameChild profile 2 of profile 1 as a hat",
      " 6: createNamespace namespace 1 in namespace 0 unconfined profile 4",
      " 7: loadProfile profile 1 enforce load with the next",
      " 8: loadProfile profile 2 complain load",
      " 9: loadProfile profile 3 enforce replace",
      "10: switchTask task 0",
      "11: changeProfile profile 1",
      "12: stackProfile profile 3",
      "13: keepLabel slot 1",
      "14: changeProfile profile 0",
      "15: removeProfile profile 1",
      "16: destroyNamespace namespace 1",
      "17: answer to 3",
      "18: end",
    ]);
  });

  test("is checked against its population", () => {
    const population = {
      profiles: 0,
      namedProfiles: 4,
      namespaces: 1,
      labelSlots: 2,
      answers: 4,
      tasks: 1,
      descriptorsPerTask: 1,
      threadsPerProcess: 1,
      channels: 0,
    };
    const make = (changes: object) => () =>
      makeWorkload({
        name: "test",
        scripts: [cells],
        population: { ...population, ...changes },
        openAtCut: 0,
        setupRecords: 15,
      });
    expect(make({})().setupRecords).toBe(15);
    expect(make({ namedProfiles: 3 })).toThrow("profile 4 is not below 4");
    expect(make({ namespaces: 0 })).toThrow("namespace 1 is not below 1");
    expect(make({ labelSlots: 1 })).toThrow("slot 1 is not below 1");
    expect(make({ labelSlots: 1, rawdataSlots: 9 })).toThrow("slot 1 is not below 1");
    expect(make({ answers: 3 })).toThrow("answer 3 is not below 3");
  });

  test.each([
    ["a mode that no kernel has", Event.loadProfile, 1, 5, 0],
    ["an unknown flag of a load", Event.loadProfile, 1, 0, 4],
    ["neither hat nor child", Event.nameChild, 1, 2, 2],
  ])("refuses %s", (_, event, a, b, c) => {
    expect(() => new ScriptBuilder().add(event, a, b, c)).toThrow(RangeError);
  });
});

test("setupRecords must be a beginning of CPU 0's script that cuts no block", () => {
  const script = new ScriptBuilder();
  script.add(Event.switchTask, 0);
  script.repeat(3, () => script.add(Event.secid));
  script.add(Event.secid);
  const population = { profiles: 0, tasks: 1, descriptorsPerTask: 1, threadsPerProcess: 1, channels: 0 };
  const scripts = [script.finish()];
  const make = (setupRecords: number) => () =>
    makeWorkload({ name: "test", scripts, population, openAtCut: 0, setupRecords });
  expect(make(1)().setupRecords).toBe(1);
  expect(make(3)().setupRecords).toBe(3);
  expect(make(2)).toThrow("setupRecords 2 ends inside a block");
  expect(make(5)).toThrow("setupRecords 5");
  expect(make(-1)).toThrow("setupRecords -1");
});

describe("the set-up of a population", () => {
  const population = labelPopulation("set-up", 1000, { namespaces: 3 });
  const write = (options?: Parameters<typeof populationSetup>[2]) => {
    const script = new ScriptBuilder();
    const setUp = populationSetup(script, population, options);
    return { setUp, cells: script.finish() };
  };

  test("names and loads all profiles and keeps all compounds", () => {
    const { setUp, cells } = write();
    const { byEvent } = countEvents(cells);
    expect(setUp).toMatchObject({ keptLabels: 200, firstCompound: 0 });
    expect(setUp.population).toMatchObject({
      profiles: 0,
      namedProfiles: 803,
      namespaces: 3,
      labelSlots: 200,
    });
    expect(byEvent[Event.nameProfile]).toBe(804);
    expect(byEvent[Event.createNamespace]).toBe(3);
    expect(byEvent[Event.loadProfile]).toBe(800);
    expect(byEvent[Event.keepLabel]).toBe(200);
    expect(setUp.records).toBe(cells.length / 4 - 1);
  });

  test("keeps all labels where asked, with room for more", () => {
    const { setUp } = write({ keep: "all", moreSlots: 5 });
    expect(setUp).toMatchObject({ keptLabels: 1000, firstCompound: 800 });
    expect(setUp.population.labelSlots).toBe(1005);
  });

  test("is the same bytes for the same population", () => {
    expect(hashScripts([write().cells])).toBe("8e9dcc60b0d87ffd");
  });
});
