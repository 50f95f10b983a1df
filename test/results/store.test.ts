import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/results/fingerprint.ts";
import { chooseFile, newestFile, prepareFolder } from "../../src/results/folder.ts";
import { readResults, writeResults } from "../../src/results/store.ts";
import { folderWith, mistakesOf } from "../config/support.ts";
import { aRecord } from "./support.ts";

describe("a results file", () => {
  it("reads back as it was written", () => {
    const path = join(folderWith({}), "run-1.json");
    writeResults(path, aRecord());
    expect(readResults(path)).toEqual(aRecord());
  });

  it("is replaced as a whole, with nothing left beside it", () => {
    const folder = folderWith({});
    writeResults(join(folder, "run-1.json"), aRecord());
    writeResults(join(folder, "run-1.json"), aRecord({ name: "other" }));
    expect(readdirSync(folder)).toEqual(["run-1.json"]);
    expect(readResults(join(folder, "run-1.json")).name).toBe("other");
  });

  it("may have fields that this version does not know", () => {
    const folder = folderWith({ "a.json": JSON.stringify({ ...aRecord(), extra: 1 }) });
    expect(readResults(join(folder, "a.json"))).toEqual(aRecord());
  });

  it("of a newer format is refused, and says which format this version reads", () => {
    const folder = folderWith({ "a.json": JSON.stringify({ version: 2, cells: "else" }) });
    expect(mistakesOf(() => readResults(join(folder, "a.json")))[0]).toMatch(
      /a\.json: results of format 2; this refplay reads up to format 1\n {2}Read it with a newer refplay\.$/,
    );
  });

  it("that is cut off is refused", () => {
    const text = JSON.stringify(aRecord());
    const folder = folderWith({ "a.json": text.slice(0, text.length / 2), "empty.json": "" });
    for (const name of ["a.json", "empty.json"]) {
      expect(mistakesOf(() => readResults(join(folder, name)))[0]).toMatch(/not a results file, or cut off/);
    }
  });

  it("that is some other JSON is refused with the first difference", () => {
    const folder = folderWith({
      "a.json": "[1]",
      "b.json": JSON.stringify({ ...aRecord(), seed: 5 }),
      "c.json": "null",
    });
    expect(mistakesOf(() => readResults(join(folder, "a.json")))[0]).toMatch(
      /not a results file of refplay, or damaged/,
    );
    expect(mistakesOf(() => readResults(join(folder, "b.json")))[0]).toMatch(/\(seed: /);
    expect(mistakesOf(() => readResults(join(folder, "c.json")))[0]).toMatch(/not a results file of refplay/);
  });

  it("that is missing or a folder is refused", () => {
    const folder = folderWith({});
    expect(mistakesOf(() => readResults(join(folder, "no.json")))[0]).toMatch(/^there is no results file/);
    expect(mistakesOf(() => readResults(folder))[0]).toMatch(/it is a folder; name the file in it$/);
  });
});

describe("the results folder", () => {
  const unfinished = (changes = {}) => JSON.stringify(aRecord({ planned: ["kref@1", "none@1"], ...changes }));

  it("is made with its parents and is empty afterwards", () => {
    const folder = join(folderWith({}), "a/b");
    prepareFolder(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("that cannot be made because a file is in the way is refused", () => {
    const folder = folderWith({ results: "a file" });
    for (const path of ["results", "results/deeper"]) {
      expect(mistakesOf(() => prepareFolder(join(folder, path)))[0]).toMatch(
        /^cannot write results to folder .*: something that is not a folder is in the way\n {2}Name another folder with --out\.$/,
      );
    }
    expect(readFileSync(join(folder, "results"), "utf8")).toBe("a file");
  });

  it.runIf(existsSync("/proc/self"))("in a file system that makes no folders is refused, at once", () => {
    expect(mistakesOf(() => prepareFolder("/proc/refplay/results"))[0]).toMatch(
      /^cannot write results to folder/,
    );
  });

  it("that cannot be read, or has no results, is told", () => {
    const folder = folderWith({ file: "no folder" });
    expect(mistakesOf(() => newestFile(join(folder, "file"), "file"))[0]).toMatch(
      /^cannot read the folder of results `file`: ENOTDIR.*\n {2}Name a folder that you may read/,
    );
    expect(mistakesOf(() => newestFile(folder, "there"))[0]).toMatch(
      /^there are no results in folder `there`/,
    );
  });

  it("numbers runs from 1 and counts as numbers, not as text", () => {
    const folder = folderWith({});
    expect(chooseFile(folder, "f00d", false).path).toBe(join(folder, "run-1.json"));
    for (const number of [2, 9, 10])
      writeFileSync(join(folder, `run-${number}.json`), JSON.stringify(aRecord()));
    expect(chooseFile(folder, "f00d", false).path).toBe(join(folder, "run-11.json"));
  });

  it("goes on with the newest run if that is unfinished and the same", () => {
    const folder = folderWith({ "run-1.json": unfinished() });
    const place = chooseFile(folder, "f00d", false);
    expect(place.path).toBe(join(folder, "run-1.json"));
    expect(place.resume?.cells.map(({ id }) => id)).toEqual(["kref@1"]);
  });

  it.each([
    ["is of another config", unfinished({ fingerprint: "beef" }), false],
    ["is finished", JSON.stringify(aRecord()), false],
    ["is not wanted", unfinished(), true],
    ["is damaged but not wanted", "{", true],
  ])("starts a new run beside one that %s", (_, text, fresh) => {
    const folder = folderWith({ "run-1.json": text });
    expect(chooseFile(folder, "f00d", fresh)).toEqual({
      path: join(folder, "run-2.json"),
      resume: undefined,
    });
  });

  it("asks what to do where the newest run is damaged or of a newer version", () => {
    const folder = folderWith({ "run-1.json": "{" });
    expect(mistakesOf(() => chooseFile(folder, "f00d", false))[0]).toMatch(
      /run-1\.json: not a results file, or cut off.*\n {2}It may be a stopped run: .*--fresh\.$/,
    );
    writeFileSync(join(folder, "run-2.json"), '{"version":7}');
    expect(mistakesOf(() => chooseFile(folder, "f00d", false))[0]).toMatch(/results of format 7/);
  });

  it("does not take a folder with a run's name for a run", () => {
    const folder = folderWith({});
    mkdirSync(join(folder, "run-1.json"));
    expect(mistakesOf(() => chooseFile(folder, "f00d", false))[0]).toMatch(/it is a folder/);
  });
});

describe("a fingerprint", () => {
  it("does not depend on the order of keys, and on everything else", () => {
    expect(fingerprint({ a: 1, b: [1, { c: 2, d: 3 }] })).toBe(fingerprint({ b: [1, { d: 3, c: 2 }], a: 1 }));
    const different = [{ a: 1 }, { a: "1" }, { a: [1] }, { a: null }, { a: { 0: 1 } }, { b: 1 }, {}, [], ""];
    expect(new Set(different.map(fingerprint)).size).toBe(different.length);
  });
});
