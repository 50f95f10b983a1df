/**
 * Who has which descriptor while a trace is imported: processes, their descriptor tables, and the open files behind them
 * (`struct file`), as far as fork, dup and messages make a difference.
 */

/** A message with descriptors that waits in a socket. */
export interface Message {
  readonly files: readonly OpenFile[];
  /** Index of the record of each passed file. */
  readonly passes: readonly number[];
}

/** What a descriptor refers to. Shared by dup, fork and passing. */
export class OpenFile {
  readonly kind: "file" | "socket" | "connection";
  /** The other end of a socket pair. */
  peer: OpenFile | undefined;
  /** Messages with descriptors that were sent to this end and not yet received. */
  readonly inbox: Message[] = [];
  /** A connection that has received data and has not been answered. */
  asked = false;

  constructor(kind: "file" | "socket" | "connection") {
    this.kind = kind;
  }
}

/** One entry of a descriptor table. */
export interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

/** A process: one descriptor table. Threads that share the table (CLONE_FILES) are the same process here. */
export class Process {
  /** Number in order of appearance; the first process of the trace is 0. */
  readonly index: number;
  readonly descriptors: Map<number, Descriptor>;
  /** Threads that are alive. */
  readonly threads = new Set<number>();
  exited = false;
  /** Requests that it has answered and whose end is not yet written down. */
  answered = 0;

  constructor(index: number, pid: number, inherited?: ReadonlyMap<number, Descriptor>) {
    this.index = index;
    this.threads.add(pid);
    this.descriptors = new Map();
    for (const [fd, descriptor] of inherited ?? []) this.descriptors.set(fd, { ...descriptor });
  }
}
