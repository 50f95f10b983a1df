/**
 * The state of an import: processes with their descriptors, and the list of events so far. The handlers of calls.ts work on
 * it; what is not possible for a kernel (a close without an open, an open of a number in use) is mended or skipped here.
 */
import { Event } from "../../kernel/events.ts";
import { mayWrite } from "../script.ts";
import type { StraceCall, StraceText } from "./parse.ts";
import { type Message, OpenFile, Process } from "./processes.ts";

/** One event of the list while it is made. */
export interface MutableRecord {
  process: number;
  event: Event;
  a: number;
  b: number;
  closes?: readonly number[];
  /** Of `passFile`: it was received; of `receiveFile`: the record that passed the file. */
  received?: boolean;
  from?: number;
}

/** What the handlers of calls work on. */
export class Importer {
  readonly records: MutableRecord[] = [];
  readonly programs = new Map<string, number>();
  readonly harmless = new Map<string, number>();
  readonly text: StraceText;
  opens = 0;
  failedOpens = 0;
  pseudoFiles = 0;
  /** Time in which no process was in a call, since the last event; stands before the next one. */
  pauseNs = 0;
  readonly #byPid = new Map<number, Process>();
  readonly #processes: Process[] = [];

  constructor(text: StraceText) {
    this.text = text;
  }

  get processes(): readonly Process[] {
    return this.#processes;
  }

  skip(reason: string, line: number): void {
    this.text.skips.add(reason, line);
  }

  /** The process of a thread; one that was not seen before has no descriptors that we know. */
  processOf(pid: number): Process {
    return this.#byPid.get(pid) ?? this.#addProcess(pid);
  }

  #addProcess(pid: number, parent?: Process): Process {
    const process = new Process(this.#processes.length, pid, parent?.descriptors);
    this.#processes.push(process);
    this.#byPid.set(pid, process);
    return process;
  }

  emit(process: Process, event: Event, a = 0, b = 0): number {
    // What was finished before the pause is counted before it.
    if (this.pauseNs > 0 && event !== Event.request) {
      this.records.push({ process: process.index, event: Event.think, a: this.pauseNs, b: 0 });
      this.pauseNs = 0;
    }
    this.records.push({ process: process.index, event, a, b });
    return this.records.length - 1;
  }

  /** A call returned a new descriptor: `event` makes it. */
  allocate(
    process: Process,
    fd: number,
    call: StraceCall,
    event: Event.open | Event.socket,
    kind: "file" | "socket" = "file",
  ): OpenFile {
    this.#makeRoom(process, fd, call);
    this.emit(process, event, fd);
    return this.place(process, fd, new OpenFile(kind), call);
  }

  /** Puts a file into a table; close-on-exec follows the call's flags. */
  place(process: Process, fd: number, file: OpenFile, call: StraceCall): OpenFile {
    process.descriptors.set(fd, { file, closeOnExec: call.args.includes("CLOEXEC") });
    return file;
  }

  accept(process: Process, listenFd: number | undefined, fd: number, call: StraceCall): void {
    this.finishRequests(process);
    this.#makeRoom(process, fd, call);
    if (listenFd !== undefined && process.descriptors.has(listenFd)) {
      this.emit(process, Event.accept, listenFd, fd);
    } else {
      this.skip(`${call.name} on a socket from before the trace; imported as a new socket`, call.line);
      this.emit(process, Event.socket, fd);
    }
    this.place(process, fd, new OpenFile("connection"), call);
  }

  receive(process: Process, fd: number, message: Message | undefined, which: number, call: StraceCall): void {
    this.#makeRoom(process, fd, call);
    const pass = message?.passes[which];
    const file = message?.files[which];
    if (pass === undefined || file === undefined) {
      this.skip("descriptor received from a process outside the trace; imported as a new socket", call.line);
      this.emit(process, Event.socket, fd);
      this.place(process, fd, new OpenFile("socket"), call);
      return;
    }
    const record = this.records[this.emit(process, Event.receiveFile, fd)];
    const passed = this.records[pass];
    if (record !== undefined) record.from = pass;
    if (passed !== undefined) passed.received = true;
    this.place(process, fd, file, call);
  }

  /** The number is taken although the trace shows no close: the close was not recorded. */
  #makeRoom(process: Process, fd: number, call: StraceCall): void {
    if (!process.descriptors.has(fd)) return;
    this.skip("descriptor given out again without a close in the trace; closed before", call.endLine);
    this.emit(process, Event.close, fd);
    process.descriptors.delete(fd);
  }

  close(process: Process, fd: number, call: StraceCall): void {
    const descriptor = process.descriptors.get(fd);
    if (descriptor === undefined) {
      this.skip("close of a descriptor that the trace does not open", call.line);
      return;
    }
    if (descriptor.file.kind === "connection") this.finishRequests(process);
    this.emit(process, Event.close, fd);
    process.descriptors.delete(fd);
  }

  dup(process: Process, fd: number, newFd: number, call: StraceCall): void {
    const source = process.descriptors.get(fd);
    if (source === undefined) {
      this.skip(`${call.name} of a descriptor that the trace does not open`, call.line);
      return;
    }
    if (fd === newFd) return;
    this.emit(process, Event.dup, fd, newFd);
    this.place(process, newFd, source.file, call);
  }

  /** A call reads or writes through a descriptor: its permission hook runs, whatever the call returned. */
  use(process: Process, fd: number | undefined, mask: number, call: StraceCall): OpenFile | undefined {
    const file = fd === undefined ? undefined : process.descriptors.get(fd)?.file;
    if (fd === undefined || file === undefined) {
      if (call.error !== "EBADF")
        this.skip(`${call.name} on a descriptor that the trace does not open`, call.line);
      return undefined;
    }
    // Writing to a socket is `send`: write permission, then the socket's own hook (apparmor_socket_sendmsg, v6.6).
    if (mask === mayWrite && file.kind !== "file") this.emit(process, Event.send, fd);
    else this.emit(process, Event.permission, fd, mask);
    return file;
  }

  /** Data arrived on a connection: the next thing sent there is its answer. */
  noteReceive(file: OpenFile | undefined, call: StraceCall): void {
    if (file?.kind === "connection" && call.result !== undefined && call.result > 0) file.asked = true;
  }

  noteSend(process: Process, file: OpenFile | undefined): void {
    if (file?.asked !== true) return;
    file.asked = false;
    process.answered++;
  }

  finishRequests(process: Process): void {
    for (; process.answered > 0; process.answered--) this.emit(process, Event.request);
  }

  fork(parent: Process, childPid: number, call: StraceCall): void {
    if (/\bCLONE_(?:FILES|THREAD)\b/.test(call.args)) {
      parent.threads.add(childPid);
      this.#byPid.set(childPid, parent);
      return;
    }
    const known = this.#byPid.get(childPid);
    if (known !== undefined && !known.exited && known.threads.has(childPid)) {
      this.skip("fork of a process that was there before", call.line);
      return;
    }
    const child = this.#addProcess(childPid, parent);
    this.emit(parent, Event.fork, child.index, 0);
  }

  exec(process: Process, program: string): void {
    const closing = Array.from(process.descriptors).filter(([, descriptor]) => descriptor.closeOnExec);
    for (const [fd] of closing.sort(([x], [y]) => x - y)) {
      this.emit(process, Event.close, fd);
      process.descriptors.delete(fd);
    }
    const index = this.programs.get(program) ?? this.programs.size;
    this.programs.set(program, index);
    this.emit(process, Event.exec, index);
  }

  /** One thread ends, or with `all` the whole process. */
  exit(pid: number, all: boolean): void {
    const process = this.#byPid.get(pid);
    if (process === undefined || process.exited) return;
    process.threads.delete(pid);
    if (!all && process.threads.size > 0) return;
    this.finishRequests(process);
    const record = this.records[this.emit(process, Event.exit)];
    if (record !== undefined) record.closes = Array.from(process.descriptors.keys()).sort((x, y) => x - y);
    process.descriptors.clear();
    process.exited = true;
  }
}
