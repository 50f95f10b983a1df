/**
 * Keeps linked artefacts by content hash, so that a program is compiled once and not at every start.
 *
 * One file per artefact, written under another name and then renamed, so that two processes that link at once see whole
 * files only. A file that does not hold exactly what its header promises (cut short, damaged, of another version, another
 * key's) counts as missing and is written anew. The cache never fails a run: where the folder cannot be written,
 * artefacts are simply not kept.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import writeFileAtomic from "write-file-atomic";

/** "RPLK": refplay link. */
const magic = 0x4b4c5052;
/** Version of the file's layout; what a linker puts into it is part of the key. */
const layoutVersion = 1;
/** magic, version, payload bytes (u32, little endian), then SHA-256 of key and payload. */
const headerBytes = 12 + 32;

/** Anything whose canonical JSON identifies an artefact: source texts, options, version of the linker. */
export type CacheInput =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly CacheInput[]
  | ReadonlyMap<string, CacheInput>
  | { readonly [name: string]: CacheInput | undefined };

/** 64 hexadecimal digits: the same for inputs that differ only in the order of their keys. */
export function cacheKey(input: CacheInput): string {
  return createHash("sha256").update(canonicalJson(input)).digest("hex");
}

/** JSON with sorted keys and without undefined members; bytes as their hash. Not a number: a defect, throws. */
function canonicalJson(input: CacheInput): string {
  if (typeof input === "number" && !Number.isFinite(input)) {
    throw new Error(`a cache key cannot hold the number ${input}`);
  }
  if (input === null || typeof input !== "object") return JSON.stringify(input);
  if (input instanceof Uint8Array) {
    return JSON.stringify(`sha256:${createHash("sha256").update(input).digest("hex")}`);
  }
  if (Array.isArray(input)) return `[${input.map((item: CacheInput) => canonicalJson(item)).join(",")}]`;
  const entries = input instanceof Map ? [...input] : Object.entries(input);
  const members = (entries as [string, CacheInput | undefined][])
    .filter((entry): entry is [string, CacheInput] => entry[1] !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([name, value]) => `${JSON.stringify(name)}:${canonicalJson(value)}`);
  return `{${members.join(",")}}`;
}

export interface LinkCache {
  readonly folder: string;
  /** The artefact kept under `key`, or undefined. Never throws for what a file holds. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keeps an artefact; false where it could not be written. */
  put(key: string, artefact: Uint8Array): Promise<boolean>;
  /** The artefact of `input`, made by `make` and kept where there is no whole one yet. */
  getOrMake(input: CacheInput, make: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

/** `.refplay/cache` below the working folder. */
export function defaultCacheFolder(): string {
  return resolve(".refplay", "cache");
}

/** Opens a cache in `folder`, which need not exist. */
export function openCache(folder: string = defaultCacheFolder()): LinkCache {
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    try {
      return decode(key, await readFile(artefactPath(folder, key)));
    } catch {
      return undefined;
    }
  };
  const put = async (key: string, artefact: Uint8Array): Promise<boolean> => {
    const path = artefactPath(folder, key);
    try {
      await mkdir(folder, { recursive: true });
      // No fsync: a file that a power cut empties is found out by its header.
      await writeFileAtomic(path, encode(key, artefact), { fsync: false });
      await prune(folder);
      return true;
    } catch {
      return false;
    }
  };
  const getOrMake = async (input: CacheInput, make: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const key = cacheKey(input);
    const kept = await get(key);
    if (kept !== undefined) return kept;
    const made = await make();
    await put(key, made);
    return made;
  };
  return { folder, get, put, getOrMake };
}

/** Artefacts that are kept: some 10 MB. A strategy that is being written adds two at every change. */
const mostArtefacts = 200;

/** Drops the oldest artefacts above the limit. One that another process has just dropped is no mistake. */
async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".bin"));
  if (names.length <= mostArtefacts) return;
  const dated = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return {
        path,
        ms: await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      };
    }),
  );
  dated.sort((a, b) => b.ms - a.ms || (a.path < b.path ? -1 : 1));
  await Promise.all(dated.slice(mostArtefacts).map(({ path }) => rm(path, { force: true })));
}

/** Where the artefact of `key` lies; throws for what is no key, so that a name can never leave the folder. */
export function artefactPath(folder: string, key: string): string {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error(`not a cache key: ${key}`);
  return join(folder, `${key}.bin`);
}

function digest(key: string, payload: Uint8Array): Buffer {
  return createHash("sha256").update(key).update(payload).digest();
}

function encode(key: string, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(layoutVersion, 4);
  header.writeUInt32LE(payload.length, 8);
  digest(key, payload).copy(header, 12);
  return Buffer.concat([header, payload]);
}

function decode(key: string, file: Buffer): Uint8Array | undefined {
  if (file.length < headerBytes) return undefined;
  if (file.readUInt32LE(0) !== magic || file.readUInt32LE(4) !== layoutVersion) return undefined;
  if (file.readUInt32LE(8) !== file.length - headerBytes) return undefined;
  const payload = new Uint8Array(file.subarray(headerBytes));
  return digest(key, payload).equals(file.subarray(12, headerBytes)) ? payload : undefined;
}
