/**
 * `struct procmap_query` and the number of its ioctl (include/uapi/linux/fs.h, v6.11): 104 bytes. Later kernels may add fields
 * at the end; the first field tells the size that the caller knows, and the kernel keeps to that.
 */
import type { Mapping, Question } from "./mapping.ts";

/** _IOWR('f', 17, 104 bytes). */
export const procmapQuery = 0xc0686611;
export const queryBytes = 104;

/** Room for a name: the kernel gives no more than PATH_MAX. */
export const nameBytes = 4096;
/** Room for a build ID: a SHA-1, the longest that the kernel reads. */
export const buildIdBytes = 20;

/** Byte offsets. */
enum Field {
  size = 0,
  queryFlags = 8,
  queryAddress = 16,
  start = 24,
  end = 32,
  flags = 40,
  pageSize = 48,
  offset = 56,
  inode = 64,
  deviceMajor = 72,
  deviceMinor = 76,
  nameSize = 80,
  buildIdSize = 84,
  nameAddress = 88,
  buildIdAddress = 96,
}

/** Of the question and, the first four, of the answer. */
enum Flag {
  readable = 1,
  writable = 2,
  executable = 4,
  shared = 8,
  coveringOrNext = 16,
  fileBacked = 32,
}

/** Where the kernel writes what does not fit into the struct; 0 for what is not wanted. */
export interface QueryBuffers {
  readonly name: bigint;
  readonly buildId: bigint;
}

/** A struct that asks for `address`. */
export function writeQuery(view: DataView, address: bigint, question: Question, buffers: QueryBuffers): void {
  view.setBigUint64(Field.size, BigInt(queryBytes), true);
  view.setBigUint64(Field.queryFlags, BigInt(flagsOf(question)), true);
  view.setBigUint64(Field.queryAddress, address, true);
  // A size of 0 with an address, or the other way round, is an error (EINVAL).
  view.setUint32(Field.nameSize, buffers.name === 0n ? 0 : nameBytes, true);
  view.setUint32(Field.buildIdSize, buffers.buildId === 0n ? 0 : buildIdBytes, true);
  view.setBigUint64(Field.nameAddress, buffers.name, true);
  view.setBigUint64(Field.buildIdAddress, buffers.buildId, true);
}

function flagsOf({ orNext, filter }: Question): number {
  return (
    (filter.readable === true ? Flag.readable : 0) |
    (filter.writable === true ? Flag.writable : 0) |
    (filter.executable === true ? Flag.executable : 0) |
    (filter.shared === true ? Flag.shared : 0) |
    (filter.fileBacked === true ? Flag.fileBacked : 0) |
    (orNext ? Flag.coveringOrNext : 0)
  );
}

/** Bytes that the kernel wrote to the buffers, the name's with its final 0; 0 where the mapping has none. */
export function writtenBytes(view: DataView): { readonly name: number; readonly buildId: number } {
  return { name: view.getUint32(Field.nameSize, true), buildId: view.getUint32(Field.buildIdSize, true) };
}

/** The answer. `name` as the kernel wrote it: a path with newlines in it is escaped here as the text has it. */
export function readAnswer(view: DataView, name: string): Mapping {
  const flags = Number(view.getBigUint64(Field.flags, true));
  return {
    start: view.getBigUint64(Field.start, true),
    end: view.getBigUint64(Field.end, true),
    readable: (flags & Flag.readable) !== 0,
    writable: (flags & Flag.writable) !== 0,
    executable: (flags & Flag.executable) !== 0,
    shared: (flags & Flag.shared) !== 0,
    offset: view.getBigUint64(Field.offset, true),
    deviceMajor: view.getUint32(Field.deviceMajor, true),
    deviceMinor: view.getUint32(Field.deviceMinor, true),
    inode: view.getBigUint64(Field.inode, true),
    name: name.replaceAll("\n", "\\012"),
  };
}
