/**
 * How long a label lives, one behaviour each. Profile 1 is what the stories are about; 4 labels are there from the start
 * (`unconfined` and three profiles), so 3 are left once it is gone.
 */
import { describe, expect, it } from "vitest";
import { Audit } from "../../src/kernel/audit.ts";
import { type Act, countingStrategies, type Moment, tell } from "./story.ts";

const alive = (now: Moment): void => {
  now.settle();
  expect(now.labels).toBe(4);
  expect(now.released).toBe(0);
};
const gone = (now: Moment): void => {
  now.settle();
  expect(now.labels).toBe(3);
  expect(now.released).toBe(1);
};
/** The current task is confined by profile 1; then the profile is removed, so only users keep its label. */
const confined: Act[] = [["exec", 1]];
const removed: Act[] = [["removeProfile", 1]];

describe.each(countingStrategies)("with %s a label", (strategy) => {
  it("lives as long as its profile is in the list, although nobody uses it", () => {
    tell(strategy, [alive]);
  });

  it("goes when its profile is removed and nobody uses it", () => {
    tell(strategy, [...removed, gone]);
  });

  it("is freed a grace period after its last reference is gone, not before", () => {
    tell(strategy, [
      ...removed,
      (now) => {
        // Readers may have found it in the list just before.
        while (now.released === 0) {
          expect(now.labels).toBe(4);
          now.gracePeriod();
        }
        expect(now.labels).toBe(4);
        now.gracePeriod();
        expect(now.labels).toBe(3);
      },
    ]);
  });

  it("lives while a task is confined by it, and goes when the task is given another", () => {
    tell(strategy, [...confined, ...removed, alive, ["exec", 2], gone]);
  });

  it("lives while a task is confined by it, and goes when the task exits", () => {
    tell(strategy, [...confined, ...removed, alive, ["exit"], gone]);
  });

  it("lives while a child of the task is confined by it", () => {
    tell(strategy, [
      ["switchTask", 1],
      ["exit"],
      ["switchTask", 0],
      ...confined,
      ["fork", 1, 0],
      ...removed,
      ["exit"],
      alive,
      ["switchTask", 1],
      ["exit"],
      gone,
    ]);
  });

  it("lives while a thread that shares the cred is left", () => {
    tell(strategy, [
      ["switchTask", 1],
      ["exit"],
      ["switchTask", 0],
      ...confined,
      ["fork", 1, 1],
      ...removed,
      ["exit"],
      alive,
      ["switchTask", 1],
      ["exit"],
      gone,
    ]);
  });

  it("lives while a file is open that was opened under it", () => {
    tell(strategy, [...confined, ["open", 3], ["exec", 2], ...removed, alive, ["close", 3], gone]);
  });

  it("lives until the last copy of a descriptor is closed", () => {
    tell(strategy, [
      ...confined,
      ["open", 3],
      ["dup", 3, 4],
      ["exec", 2],
      ...removed,
      ["close", 3],
      alive,
      ["close", 4],
      gone,
    ]);
  });

  it("lives while a child has inherited a file that was opened under it", () => {
    tell(strategy, [
      ["switchTask", 1],
      ["exit"],
      ["switchTask", 0],
      ...confined,
      ["open", 3],
      ["exec", 2],
      ["fork", 1, 0],
      ...removed,
      ["close", 3],
      alive,
      ["switchTask", 1],
      ["close", 3],
      gone,
    ]);
  });

  it("lives while a file that was opened under it is on its way in a message, whoever receives it", () => {
    tell(strategy, [
      ...confined,
      ["open", 3],
      ["passFile", 3, 0],
      ["close", 3],
      ["exec", 2],
      ...removed,
      alive,
      ["switchTask", 1],
      ["receiveFile", 5, 0],
      alive,
      ["close", 5],
      gone,
    ]);
  });

  it("lives while a socket is open that was made under it", () => {
    tell(strategy, [...confined, ["socket", 3], ["exec", 2], ...removed, alive, ["close", 3], gone]);
  });

  it("lives while a connection is open that was accepted from its listening socket", () => {
    tell(strategy, [
      ...confined,
      ["socket", 3],
      ["accept", 3, 4],
      ["exec", 2],
      ...removed,
      ["close", 3],
      alive,
      ["close", 4],
      gone,
    ]);
  });

  it("is put back by hooks that only look: permission, send and secid change nothing", () => {
    tell(strategy, [
      ...confined,
      ["open", 3],
      ["permission", 3, 4],
      ["send", 3],
      ["secid"],
      ["close", 3],
      alive,
      ["exec", 2],
      ...removed,
      gone,
    ]);
  });

  it("goes with the exit of a task that left its files open", () => {
    tell(strategy, [...confined, ["open", 3], ["open", 4], ["socket", 5], ...removed, alive, ["exit"], gone]);
  });

  it("makes room for its users' next label: a stale one is replaced at the next open", () => {
    tell(strategy, [...confined, ...removed, alive, ["open", 3], gone, ["close", 3]]);
  });

  it("that is stale may still be used by a hook, and is then kept by the file alone", () => {
    tell(strategy, [
      ...confined,
      ["open", 3],
      ...removed,
      ["exec", 0],
      ["permission", 3, 4],
      ["send", 3],
      alive,
      ["close", 3],
      gone,
    ]);
  });

  it("stays with the file's cred when another task's use of the file replaces it in the file by a merged label", () => {
    tell(strategy, [
      ...confined,
      ["open", 3],
      ...removed,
      ["exec", 2],
      alive,
      ["permission", 3, 4],
      (now) => {
        now.settle();
        // The compound is of profile 2 and of unconfined, which the removed one became.
        expect(now.labels).toBe(5);
        expect(now.released).toBe(0);
      },
      ["close", 3],
      (now) => {
        now.settle();
        expect(now.labels).toBe(3);
        expect(now.released).toBe(2);
      },
    ]);
  });

  it("keeps what its proxy leads to: unconfined outlives every profile that was removed", () => {
    tell(strategy, [
      ["removeProfile", 1],
      ["removeProfile", 2],
      ["removeProfile", 3],
      (now) => {
        now.settle();
        expect(now.labels).toBe(1);
        expect(now.audit(Audit.proxies)).toBe(1);
      },
      ["open", 3],
      ["close", 3],
    ]);
  });
});
