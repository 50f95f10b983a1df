/**
 * The worker threads of one machine and the watch over them: a command to each at a time, and whatever stops one of them
 * (trap, exception, exit, no heartbeat, Ctrl-C) stops all and fails every command.
 */
import type { Worker } from "node:worker_threads";
import { RefplayError } from "../../errors.ts";
import type { Control } from "./control.ts";
import { diedError, hungError, type Incident } from "./incident.ts";
import type {
  CallCommand,
  CallResult,
  Command,
  CpuRun,
  MaintainCommand,
  Reply,
  RunCommand,
  WorkerSetup,
} from "./protocol.ts";
import { spawnWorker } from "./spawn.ts";

/** Longest time a thread may take to start: some hundred on a loaded host take seconds. */
const startTimeoutMs = 60_000;

export interface CrewOptions {
  readonly setups: readonly WorkerSetup[];
  readonly control: Control;
  readonly cells: Int32Array;
  readonly constants: ReadonlyMap<string, number>;
  readonly hangTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Member {
  readonly setup: WorkerSetup;
  readonly worker: Worker;
  pending: { resolve(reply: Reply): void; reject(error: Error): void } | null;
  command: Command | null;
  heartbeat: number;
  aliveAtMs: number;
}

export class Crew {
  readonly #options: CrewOptions;
  readonly #members: readonly Member[];
  readonly #replies: readonly Promise<Reply>[];
  readonly #watch: NodeJS.Timeout;
  readonly #abort = (): void => this.#fail(interrupted(this.#options.signal));
  #failure: Error | null = null;
  #stopping = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#members = options.setups.map((setup) => this.#start(setup));
    this.#replies = this.#members.map((member) => this.#expect(member, null));
    // Several looks per time-out, so that it is kept to within a fifth.
    this.#watch = setInterval(() => this.#look(), Math.max(10, Math.min(1000, options.hangTimeoutMs / 5)));
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    if (options.signal?.aborted === true) this.#abort();
  }

  /** Waits until every worker has started; what could not be had as asked for. */
  async ready(): Promise<string[]> {
    const replies = await Promise.all(this.#replies);
    const notes = replies.flatMap((reply) =>
      reply.kind === "ready" && reply.note !== null ? [reply.note] : [],
    );
    return [...new Set(notes)];
  }

  async call(cpu: number, command: CallCommand): Promise<CallResult> {
    const reply = await this.#send(cpu, command);
    if (reply.kind !== "call") throw new Error(`CPU ${cpu} answered a call with ${reply.kind}`);
    return reply.result;
  }

  async run(cpu: number, command: RunCommand): Promise<CpuRun> {
    const reply = await this.#send(cpu, command);
    if (reply.kind !== "run") throw new Error(`CPU ${cpu} answered a run with ${reply.kind}`);
    return reply.result;
  }

  async maintain(cpu: number, command: MaintainCommand): Promise<void> {
    await this.#send(cpu, command);
  }

  /** Ends all threads. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    this.#options.signal?.removeEventListener("abort", this.#abort);
    await Promise.all(this.#members.map((member) => member.worker.terminate()));
  }

  #start(setup: WorkerSetup): Member {
    const worker = spawnWorker(setup);
    const member: Member = {
      setup,
      worker,
      pending: null,
      command: null,
      heartbeat: 0,
      aliveAtMs: performance.now(),
    };
    worker.on("message", (reply: Reply) => this.#answer(member, reply));
    worker.on("error", (error) => this.#fail(diedError(this.#incident(member), error.message, error)));
    worker.on("exit", (code) =>
      this.#fail(diedError(this.#incident(member), `the thread ended with code ${code}`)),
    );
    return member;
  }

  #expect(member: Member, command: Command | null): Promise<Reply> {
    return new Promise((resolve, reject) => {
      member.command = command;
      member.aliveAtMs = performance.now();
      if (this.#failure === null) member.pending = { resolve, reject };
      else reject(this.#failure);
    });
  }

  #send(cpu: number, command: Command): Promise<Reply> {
    const member = this.#members[cpu];
    if (member === undefined) throw new RangeError(`there is no CPU ${cpu}`);
    if (member.pending !== null) throw new Error(`CPU ${cpu} is busy`);
    const reply = this.#expect(member, command);
    if (this.#failure === null) member.worker.postMessage(command);
    return reply;
  }

  #answer(member: Member, reply: Reply): void {
    if (reply.kind === "trap") {
      this.#fail(diedError(this.#incident(member), reply.reason));
      return;
    }
    const { pending } = member;
    member.pending = null;
    pending?.resolve(reply);
  }

  /** A thread that starts shows no sign of life before it is ready, however short a hang time-out was asked for. */
  #timeoutMs(member: Member): number {
    return member.command === null
      ? Math.max(startTimeoutMs, this.#options.hangTimeoutMs)
      : this.#options.hangTimeoutMs;
  }

  #incident(member: Member): Incident {
    const { control, cells, constants } = this.#options;
    const { setup, command } = member;
    return { setup, command, state: control.state(setup.cpu), cells, constants };
  }

  /** Fails everything that is under way; the first reason counts. */
  #fail(error: Error): void {
    if (this.#stopping || this.#failure !== null) return;
    this.#failure = error;
    for (const member of this.#members) {
      member.pending?.reject(error);
      member.pending = null;
      void member.worker.terminate();
    }
  }

  /** Looks for workers that have work and no heartbeat. One that waits at a barrier waits for another that hangs. */
  #look(): void {
    const nowMs = performance.now();
    const late: Member[] = [];
    for (const member of this.#members) {
      const beat = this.#options.control.heartbeat(member.setup.cpu);
      if (beat !== member.heartbeat || member.pending === null) {
        member.heartbeat = beat;
        member.aliveAtMs = nowMs;
      } else if (nowMs - member.aliveAtMs > this.#timeoutMs(member)) late.push(member);
    }
    if (late.length > 0) {
      this.#fail(
        hungError(
          late.map((member) => this.#incident(member)),
          this.#options.hangTimeoutMs,
        ),
      );
    }
  }
}

function interrupted(signal: AbortSignal | undefined): Error {
  return new RefplayError("interrupted", "the run was interrupted", { cause: signal?.reason });
}
