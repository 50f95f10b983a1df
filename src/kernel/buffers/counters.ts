/** How many work buffers there are, for `audit`. 0 in a watched build, whose heap counts nothing. Exact once the CPUs rest. */
import type { i32 } from "refplay/machine";
import { heapLive } from "../core/heap.ts";
import { Kind } from "../core/kinds.ts";
import { bufferBytes } from "./layout.ts";

/** Buffers that exist, in use or not. */
export function buffersNow(): i32 {
  return heapLive(Kind.buffer);
}

/** Bytes that they take. */
export function bufferBytesNow(): i32 {
  return heapLive(Kind.buffer) * bufferBytes;
}
