/** Two processes never write one results file; what a killed one left behind stops nobody. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockResults } from "../../src/results/lock.ts";
import { folderWith, mistakesOf } from "../config/support.ts";

/** No process has this id: the largest that Linux gives is 2^22. */
const nobody = 2 ** 30;

describe("the lock of a results file", () => {
  const path = (): string => join(folderWith({}), "run-1.json");

  it("holds the process's id while it is taken, and is gone afterwards", () => {
    const file = path();
    const unlock = lockResults(file);
    expect(readFileSync(`${file}.lock`, "utf8")).toBe(`${process.pid}\n`);
    unlock();
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it("is refused while a living process has it, with its id and what to do", () => {
    const file = path();
    const unlock = lockResults(file);
    expect(mistakesOf(() => lockResults(file))[0]).toMatch(
      new RegExp(
        `^process ${process.pid} is writing .*run-1\\.json\\n {2}Wait for it, or name another folder with --out`,
      ),
    );
    unlock();
    lockResults(file)();
  });

  it.each([`${nobody}\n`, "", "not a number"])(
    "that a dead process left behind (%j) is taken over",
    (text) => {
      const file = path();
      writeFileSync(`${file}.lock`, text);
      const unlock = lockResults(file);
      expect(readFileSync(`${file}.lock`, "utf8")).toBe(`${process.pid}\n`);
      unlock();
    },
  );
});
