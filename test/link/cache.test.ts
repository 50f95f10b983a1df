import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { artefactPath, cacheKey, type LinkCache, openCache } from "../../src/link/cache.ts";

let folder: string;
let cache: LinkCache;
const key = cacheKey("program");
const artefact = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) & 255);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "refplay-cache-"));
  cache = openCache(join(folder, "not", "there", "yet"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the key of an artefact", () => {
  it("does not depend on the order of keys, nor on members that are undefined", () => {
    expect(cacheKey({ a: 1, b: { c: [1, 2], d: "x" } })).toBe(
      cacheKey({ b: { d: "x", c: [1, 2] }, e: undefined, a: 1 }),
    );
    expect(
      cacheKey(
        new Map([
          ["b", 1],
          ["a", 2],
        ]),
      ),
    ).toBe(cacheKey({ a: 2, b: 1 }));
  });

  it("depends on everything else", () => {
    const inputs = [
      {},
      [],
      "",
      null,
      0,
      { a: 1 },
      { a: "1" },
      { a: 1, b: 1 },
      [1, 2],
      [2, 1],
      [[1], 2],
      new Uint8Array([1]),
      new Uint8Array([2]),
    ];
    expect(new Set(inputs.map(cacheKey)).size).toBe(inputs.length);
  });
});

describe("the cache of linked programs", () => {
  it("gives back what was kept, also to another one on the same folder", async () => {
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.put(key, artefact)).toBe(true);
    expect(await cache.get(key)).toEqual(artefact);
    expect(await openCache(cache.folder).get(key)).toEqual(artefact);
  });

  it("makes an artefact once", async () => {
    let made = 0;
    const make = async (): Promise<Uint8Array> => {
      made++;
      return artefact;
    };
    expect(await cache.getOrMake({ source: "x" }, make)).toEqual(artefact);
    expect(await cache.getOrMake({ source: "x" }, make)).toEqual(artefact);
    expect(await cache.getOrMake({ source: "y" }, make)).toEqual(artefact);
    expect(made).toBe(2);
  });

  it("keeps nothing where making fails", async () => {
    await expect(cache.getOrMake("x", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await cache.get(cacheKey("x"))).toBeUndefined();
  });

  it("ignores a file cut short anywhere, and writes it anew", async () => {
    await cache.put(key, artefact);
    const whole = await readFile(artefactPath(cache.folder, key));
    for (const length of [0, 3, 12, 43, 44, 100, whole.length - 1]) {
      await writeFile(artefactPath(cache.folder, key), whole.subarray(0, length));
      expect([length, await cache.get(key)]).toEqual([length, undefined]);
    }
    expect(await cache.getOrMake("program", async () => artefact)).toEqual(artefact);
    expect(await cache.get(key)).toEqual(artefact);
  });

  it("ignores a file with any byte changed or a byte too many", async () => {
    await cache.put(key, artefact.subarray(0, 20));
    const whole = await readFile(artefactPath(cache.folder, key));
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      await writeFile(artefactPath(cache.folder, key), damaged);
      expect([at, await cache.get(key)]).toEqual([at, undefined]);
    }
    await writeFile(artefactPath(cache.folder, key), Buffer.concat([whole, Buffer.from([0])]));
    expect(await cache.get(key)).toBeUndefined();
  });

  it("ignores a whole file that belongs to another key", async () => {
    await cache.put(key, artefact);
    const other = cacheKey("other");
    await writeFile(artefactPath(cache.folder, other), await readFile(artefactPath(cache.folder, key)));
    expect(await cache.get(other)).toBeUndefined();
  });

  it("goes on without keeping where its folder cannot be made", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const blocked = openCache(join(file, "cache"));
    expect(await blocked.put(key, artefact)).toBe(false);
    expect(await blocked.getOrMake("program", async () => artefact)).toEqual(artefact);
  });

  it("leaves one whole file and no temporary ones after many writers at once", async () => {
    const caches = Array.from({ length: 8 }, () => openCache(cache.folder));
    await Promise.all(caches.map((one) => one.put(key, artefact)));
    expect(await readdir(cache.folder)).toEqual([`${key}.bin`]);
    expect(await cache.get(key)).toEqual(artefact);
  });

  it("shows whole files only to a reader while two processes write the same artefact", async () => {
    const script = `
      import { register } from "tsx/esm/api";
      register();
      const { openCache } = await import(${JSON.stringify(new URL("../../src/link/cache.ts", import.meta.url).href)});
      const cache = openCache(process.argv[1]);
      const artefact = Uint8Array.from({ length: 200_000 }, (_, index) => index & 255);
      for (let round = 0; round < 40; round++) {
        if (!(await cache.put(${JSON.stringify(key)}, artefact))) process.exit(3);
      }`;
    const writers = [1, 2].map(() => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, cache.folder], {
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        stdio: "inherit",
      });
      return new Promise<number | null>((done) => child.on("exit", done));
    });
    let finished = false;
    const codes = Promise.all(writers).finally(() => {
      finished = true;
    });
    const lengths = new Set<number>();
    let seen = false;
    while (!finished) {
      const found = await cache.get(key);
      // From the first whole file on there is always one: a rename replaces, it never takes away.
      if (found !== undefined) seen = true;
      if (seen) lengths.add(found?.length ?? -1);
    }
    expect(await codes).toEqual([0, 0]);
    expect((await cache.get(key))?.length).toBe(200_000);
    expect([...lengths].every((length) => length === 200_000)).toBe(true);
    expect(await readdir(cache.folder)).toEqual([`${key}.bin`]);
  });
});

describe("a full cache", () => {
  it("drops the artefacts that were written first", async () => {
    const keys = Array.from({ length: 203 }, (_, index) => cacheKey(index));
    for (const [index, one] of keys.entries()) {
      await cache.put(one, artefact);
      // Ages do not depend on the clock's resolution.
      await utimes(artefactPath(cache.folder, one), 1000 + index, 1000 + index);
    }
    expect((await readdir(cache.folder)).length).toBe(200);
    expect(await cache.get(keys[0] as string)).toBeUndefined();
    expect(await cache.get(keys[202] as string)).toEqual(artefact);
  });
});
