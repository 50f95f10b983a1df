/** What tasks do with files and sockets, and how files get from one task to another. */
import { Event } from "../../src/kernel/events.ts";
import { mayExecute, mayRead, mayWrite } from "../../src/workloads/script.ts";
import type { Stage, WeightedStep } from "./stage.ts";
import type { ModelCpu } from "./task-model.ts";

const masks = [mayRead, mayWrite, mayRead | mayWrite, mayExecute, mayRead] as const;
/** Opens and closes of a burst at most. */
const longestBurst = 300;

export class FileSteps {
  readonly #stage: Stage;
  readonly steps: readonly WeightedStep[];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.steps = [
      [8, (cpu) => this.#open(cpu)],
      [3, (cpu) => this.#burst(cpu)],
      [6, (cpu) => this.#close(cpu)],
      [10, (cpu) => this.use(cpu)],
      [1, (cpu) => this.#dup(cpu)],
      [2, (cpu) => this.#socket(cpu)],
      [4, (cpu) => this.#pass(cpu)],
      [6, (cpu) => this.#receive(cpu)],
    ];
  }

  #descriptor(cpu: ModelCpu, isOpen: boolean): number | undefined {
    const { files } = cpu.current;
    const start = this.#stage.random.below(files.length);
    for (let turn = 0; turn < files.length; turn++) {
      const fd = (start + turn) % files.length;
      if ((files[fd] !== null) === isOpen) return fd;
    }
    return undefined;
  }

  #open(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, false);
    if (fd === undefined) return;
    this.#stage.add(cpu, Event.open, fd);
    this.#stage.tasks.open(cpu.current, fd, false);
  }

  #closeAt(cpu: ModelCpu, fd: number): void {
    this.#stage.add(cpu, Event.close, fd);
    this.#stage.tasks.close(cpu.current, fd);
  }

  #close(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, true);
    if (fd !== undefined) this.#closeAt(cpu, fd);
  }

  /** The hot path: the same label again and again, so that it is hot for strategies that tell. */
  #burst(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, false);
    if (fd === undefined) return;
    const rounds = Math.ceil(longestBurst ** this.#stage.random.unit());
    const mask = this.#stage.random.pick(masks);
    this.#stage.script(cpu).repeat(rounds, () => {
      this.#stage.add(cpu, Event.open, fd);
      this.#stage.add(cpu, Event.permission, fd, mask);
      this.#stage.add(cpu, Event.close, fd);
    });
  }

  /** Permission for one of the files, or to send on it. */
  use(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, true);
    if (fd === undefined) return;
    if (this.#stage.random.chance(0.3)) this.#stage.add(cpu, Event.send, fd);
    else this.#stage.add(cpu, Event.permission, fd, this.#stage.random.pick(masks));
  }

  #dup(cpu: ModelCpu): void {
    const from = this.#descriptor(cpu, true);
    if (from === undefined) return;
    const to = this.#stage.random.below(cpu.current.files.length);
    this.#stage.add(cpu, Event.dup, from, to);
    this.#stage.tasks.dup(cpu.current, from, to);
  }

  /** A new socket, or a connection of one that is there. */
  #socket(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, false);
    if (fd === undefined) return;
    const { files } = cpu.current;
    const listening = this.#stage.anyOf([...files.keys()].filter((at) => files[at]?.isSocket === true));
    if (listening === undefined || this.#stage.random.chance(0.5)) this.#stage.add(cpu, Event.socket, fd);
    else this.#stage.add(cpu, Event.accept, listening, fd);
    this.#stage.tasks.open(cpu.current, fd, true);
  }

  #pass(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, true);
    const to = this.#stage.tasks.cpus.filter(
      (other) => other !== cpu && this.#stage.tasks.mayPass(this.#stage.tasks.channel(cpu, other)),
    );
    if (fd === undefined || to.length === 0) return;
    const channel = this.#stage.tasks.channel(cpu, this.#stage.random.pick(to));
    this.#stage.add(cpu, Event.passFile, fd, channel);
    this.#stage.tasks.pass(cpu.current, fd, channel);
    // Mostly somebody else then has the last use.
    if (this.#stage.random.chance(0.6)) this.#closeAt(cpu, fd);
  }

  #receiveAt(cpu: ModelCpu, fd: number, channel: number): void {
    this.#stage.add(cpu, Event.receiveFile, fd, channel);
    this.#stage.tasks.receive(cpu.current, fd, channel);
  }

  #receive(cpu: ModelCpu): void {
    const fd = this.#descriptor(cpu, false);
    const from = this.#stage.anyOf(
      this.#stage.tasks.cpus.filter((other) =>
        this.#stage.tasks.mayReceive(this.#stage.tasks.channel(other, cpu)),
      ),
    );
    if (fd !== undefined && from !== undefined)
      this.#receiveAt(cpu, fd, this.#stage.tasks.channel(from, cpu));
  }

  /** Closes all that the running task has open. */
  closeAll(cpu: ModelCpu): void {
    const { files } = cpu.current;
    for (const [fd, file] of files.entries()) if (file !== null) this.#closeAt(cpu, fd);
  }

  /** Receives and closes what others sent; the running task has nothing open. */
  receiveAll(cpu: ModelCpu): void {
    for (const from of this.#stage.tasks.cpus) {
      const channel = this.#stage.tasks.channel(from, cpu);
      while (this.#stage.tasks.mayReceive(channel)) {
        this.#receiveAt(cpu, 0, channel);
        this.#closeAt(cpu, 0);
      }
    }
  }
}
