/**
 * The mappings of one running process, by text and by query, with every way in which that can fail told in words. One
 * descriptor serves for both: it stays with the process that it was opened for, also when its number is used anew.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { constants } from "node:os";
import { RefplayError } from "../errors.ts";
import type { Question } from "./mapping.ts";
import type { Answer, AskKernel } from "./query-call.ts";

/** First bytes that are made room for; a kernel gives at most a page or so with each read. */
const firstRoom = 1 << 16;

export class ProcessMaps {
  private buffer = Buffer.alloc(firstRoom);

  private constructor(
    /** As it was asked for: a number or `self`. */
    readonly pid: string,
    private readonly descriptor: number,
  ) {}

  /**
   * Opens /proc/PID/maps.
   * @param pid a process number or `self`
   * @param folder where procfs is; tests have others
   * @throws RefplayError `bad-pid`, `no-procfs`, `no-process`, `not-permitted`
   */
  static open(pid: string, folder = "/proc"): ProcessMaps {
    if (pid !== "self" && !/^[1-9]\d{0,9}$/.test(pid))
      throw new RefplayError("bad-pid", `\`${pid}\` is not a process`, {
        hint: "a process number, or `self`",
      });
    try {
      return new ProcessMaps(pid, openSync(`${folder}/${pid}/maps`, "r"));
    } catch (error) {
      throw failure(pid, error, folder);
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /**
   * The whole text, as many reads as it takes: the mappings may change between two of them.
   * @throws RefplayError `process-gone` where it has no mappings any more, `not-permitted`
   */
  text(): string {
    let length = 0;
    try {
      for (;;) {
        if (length === this.buffer.length) this.buffer = Buffer.concat([this.buffer, Buffer.alloc(length)]);
        const got = readSync(this.descriptor, this.buffer, length, this.buffer.length - length, length);
        if (got === 0) break;
        length += got;
      }
    } catch (error) {
      throw failure(this.pid, error);
    }
    if (length === 0) throw gone(this.pid);
    return this.buffer.toString("utf8", 0, length);
  }

  /**
   * The answer of the kernel to one question; null: no such mapping.
   * @throws RefplayError `no-query` (the kernel is older than 6.11), `process-gone`, `not-permitted`, `query-failed`
   */
  ask(ask: AskKernel, address: bigint, question: Question, wantsBuildId = false): Answer | null {
    const answer = ask(this.descriptor, address, question, wantsBuildId);
    if (answer === null || "mapping" in answer) return answer;
    const { ENOTTY, ESRCH, EACCES, EPERM } = constants.errno;
    switch (answer.errno) {
      case ENOTTY:
        throw new RefplayError("no-query", "this kernel does not know PROCMAP_QUERY", {
          hint: "it came with Linux 6.11; without it only the text of /proc/PID/maps can be read",
        });
      case ESRCH:
        throw gone(this.pid);
      case EACCES:
      case EPERM:
        throw notPermitted(this.pid);
      default:
        throw new RefplayError(
          "query-failed",
          `the kernel refused a query of process ${this.pid}: ${errnoName(answer.errno)}`,
        );
    }
  }
}

function failure(pid: string, error: unknown, folder = "/proc"): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return notPermitted(pid);
  if (code === "ESRCH") return gone(pid);
  if (code !== "ENOENT") return error;
  try {
    closeSync(openSync(`${folder}/self/maps`, "r"));
  } catch {
    return new RefplayError("no-procfs", `there is no ${folder}/self/maps here`, {
      hint: "`refplay maps` needs Linux with procfs mounted",
    });
  }
  return new RefplayError("no-process", `there is no process ${pid}`, { hint: "`ps -e` lists processes" });
}

function gone(pid: string): RefplayError {
  return new RefplayError(
    "process-gone",
    `process ${pid} has no mappings: it has exited, or is the kernel's own`,
    {
      hint: "ask while it runs",
    },
  );
}

function notPermitted(pid: string): RefplayError {
  return new RefplayError("not-permitted", `the mappings of process ${pid} may not be read`, {
    hint: "it belongs to another user or is protected: ask as its user, or as root (CAP_SYS_PTRACE)",
  });
}

function errnoName(errno: number): string {
  const known = Object.entries(constants.errno).find(([, number]) => number === errno);
  return known === undefined ? `error ${errno}` : known[0];
}
