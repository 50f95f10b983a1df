/** Lines of /proc/PID/maps as entries of a program: one area, written wherever a test wants it; and parsed again. */
import { coreBoot, heapReserve, kernelGlobals, type ProgramMeta } from "refplay/kernel";
import { type i32, load, type ptr, store } from "refplay/machine";
import { anonymousFile, mappedFile } from "../../src/kernel/procfs/maps/file-name.ts";
import { parseLine } from "../../src/kernel/procfs/maps/parse.ts";
import { formatArea } from "../../src/kernel/procfs/maps/text.ts";

/** Cells behind `kernelGlobals`. */
enum Cell {
  buffer = 0,
  anonymous = 8,
  entry = 16,
}

export function boot(): void {
  coreBoot();
  store(kernelGlobals + Cell.buffer, heapReserve(0, 4096));
  store(kernelGlobals + Cell.anonymous, anonymousFile(0));
  store(kernelGlobals + Cell.entry, heapReserve(0, 4096));
}

export function buffer(): ptr {
  return load(kernelGlobals + Cell.buffer);
}

/** A file with that inode. */
export function file(inode: i32): ptr {
  return mappedFile(0, inode);
}

/** The byte behind the line; -1 where it has no room before byte `room`. */
export function write(at: i32, room: i32, start: i32, end: i32, flags: i32, offset: i32, mapped: ptr): i32 {
  const anonymous: ptr = load(kernelGlobals + Cell.anonymous);
  return formatArea(buffer(), at, room, start, end, flags, offset, mapped, anonymous);
}

/** Parses the line at a byte; where the next one begins. */
export function parse(at: i32): i32 {
  return parseLine(buffer(), at, load(kernelGlobals + Cell.entry));
}

/** Where `parse` puts what it finds. */
export function entry(): ptr {
  return load(kernelGlobals + Cell.entry);
}

export default { options: {} } satisfies ProgramMeta;
