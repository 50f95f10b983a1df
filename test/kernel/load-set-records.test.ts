/** Sets of profiles between whose records policy changes: they are checked again when they are installed. */
import { expect, test } from "vitest";
import { Audit, PolicyError } from "../../src/kernel/audit.ts";
import { LoadFlags, PolicyMode } from "../../src/kernel/events.ts";
import { type Line, OneCpu, smallPopulation } from "./support.ts";

const population = { ...smallPopulation, profiles: 0, namedProfiles: 4, namespaces: 1, answers: 1 };
/** Namespace 1 with its unconfined (2) and two names in it. */
const names: readonly Line[] = [
  ["nameProfile", 0, 0, 1],
  ["nameProfile", 2, 1, 2],
  ["nameProfile", 3, 1, 3],
  ["nameProfile", 4, 1, 4],
];
const namespaceMade: Line = ["createNamespace", 1, 0, 2];
const namespaceGone: Line = ["destroyNamespace", 1];
const record = (profile: number, flags: number): Line => ["loadProfile", profile, PolicyMode.enforce, flags];

function answerOf(lines: readonly Line[]): { answer: number; profiles: number; left: number } {
  const cpu = new OneCpu("kref", [...names, ...lines, ["answer", 0]], {}, population);
  cpu.run();
  cpu.settle();
  const answer = cpu.audit(Audit.answers);
  const profiles = cpu.audit(Audit.profiles);
  cpu.end();
  return { answer, profiles, left: cpu.audit(Audit.objects) };
}

test("a set whose namespace goes, and another of the name comes, before its last record is refused", () => {
  const lines = [namespaceMade, record(3, LoadFlags.more), namespaceGone, namespaceMade, record(4, 0)];
  // Left are the unconfined of the root and of the new namespace.
  expect(answerOf(lines)).toEqual({ answer: PolicyError.noEntry, profiles: 2, left: 0 });
});

test("a set whose namespace goes before its last record is refused", () => {
  const lines = [namespaceMade, record(3, LoadFlags.more), namespaceGone, record(4, LoadFlags.replace)];
  expect(answerOf(lines)).toEqual({ answer: PolicyError.noEntry, profiles: 1, left: 0 });
});

test("a set that is never finished leaves nothing", () => {
  const { profiles, left } = answerOf([namespaceMade, record(3, LoadFlags.more), record(4, LoadFlags.more)]);
  expect({ profiles, left }).toEqual({ profiles: 4, left: 0 });
});
