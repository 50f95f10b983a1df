/** The query as a call of the kernel: ioctl through koffi, which is optional. Everything native of `refplay maps` is here. */
import { constants } from "node:os";
import type { Mapping, Question } from "./mapping.ts";
import {
  buildIdBytes,
  nameBytes,
  procmapQuery,
  queryBytes,
  readAnswer,
  writeQuery,
  writtenBytes,
} from "./query-struct.ts";

/** A mapping, and the build ID of its file in hexadecimal digits; empty where it has none or none was asked for. */
export interface Answer {
  readonly mapping: Mapping;
  readonly buildId: string;
}

/** The number of an error (errno.h), of which `os.constants.errno` has the names. */
export interface Failure {
  readonly errno: number;
}

/** Asks about one address through a descriptor of /proc/PID/maps; null: no such mapping. */
export type AskKernel = (
  descriptor: number,
  address: bigint,
  question: Question,
  wantsBuildId: boolean,
) => Answer | null | Failure;

/** What is there of the call: itself, or why it is missing. */
export type QueryCall = { readonly ask: AskKernel } | { readonly missing: string };

/** Signals do not interrupt the query for long; a process that is stopped and continued all the time must not hang us. */
const mostInterrupts = 100;

/**
 * The call on this machine. Whether the kernel knows the query shows only when it is asked (ENOTTY: it does not).
 * @param importKoffi the package; tests give one that is missing
 */
export async function loadQueryCall(
  importKoffi: () => Promise<typeof import("koffi")> = () => import("koffi"),
): Promise<QueryCall> {
  if (process.platform !== "linux")
    return { missing: `this is ${process.platform}, and the query is Linux's` };
  let koffi: typeof import("koffi");
  try {
    koffi = await importKoffi();
  } catch {
    return { missing: "the package koffi is not installed" };
  }
  try {
    return { ask: asking(koffi) };
  } catch (error) {
    return { missing: `koffi cannot call ioctl: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function asking(koffi: typeof import("koffi")): AskKernel {
  const ioctl = koffi
    .load(null)
    .func("int ioctl(int descriptor, unsigned long request, _Inout_ uint8_t *query)");
  const bytes = new Uint8Array(queryBytes);
  const view = new DataView(bytes.buffer);
  // Buffers that the kernel writes to by address must stay where they are. They live as long as the process.
  const name = koffi.alloc("uint8_t", nameBytes);
  const buildId = koffi.alloc("uint8_t", buildIdBytes);
  const nameText = Buffer.from(koffi.view(name, nameBytes));
  const buildIdText = Buffer.from(koffi.view(buildId, buildIdBytes));
  const addresses = { name: koffi.address(name), buildId: koffi.address(buildId) };
  const withoutBuildId = { ...addresses, buildId: 0n };
  return (descriptor, address, question, wantsBuildId) => {
    for (let interrupts = 0; ; interrupts++) {
      writeQuery(view, address, question, wantsBuildId ? addresses : withoutBuildId);
      if (ioctl(descriptor, procmapQuery, bytes) === 0) break;
      const errno = koffi.errno();
      if (errno === constants.errno.ENOENT) return null;
      if (errno !== constants.errno.EINTR || interrupts === mostInterrupts) return { errno };
    }
    const written = writtenBytes(view);
    return {
      mapping: readAnswer(view, nameText.toString("utf8", 0, Math.max(written.name - 1, 0))),
      buildId: buildIdText.toString("hex", 0, written.buildId),
    };
  };
}
