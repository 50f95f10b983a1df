/**
 * Tasks, their files, and channels between CPUs: what a script must know so that nothing it does is impossible, and what must be
 * open at its end. A CPU has tasks of its own, and hands some over to others.
 */

/** What a descriptor refers to. */
export interface ModelFile {
  readonly isSocket: boolean;
  /** Descriptors and messages that refer to it. */
  uses: number;
}

export interface ModelTask {
  readonly number: number;
  alive: boolean;
  readonly files: (ModelFile | null)[];
}

export interface ModelCpu {
  readonly number: number;
  /** Tasks that only this CPU runs; one of them is always alive. */
  readonly tasks: ModelTask[];
  current: ModelTask;
  /** How often the CPU has said how far it is. */
  posts: number;
  readonly slots: { readonly number: number; full: boolean }[];
  readonly texts: { readonly number: number; full: boolean }[];
}

/** Files that a channel holds at most, as in src/kernel/channel.ts. */
const channelSlots = 16;

export class TaskModel {
  readonly cpus: readonly ModelCpu[];
  readonly #channels: ModelFile[][];
  readonly #live = new Set<ModelFile>();

  constructor(options: {
    readonly cpus: number;
    readonly tasksPerCpu: number;
    readonly descriptors: number;
    readonly slotsPerCpu: number;
    /** Slots that are full before. */
    readonly keptBefore: number;
  }) {
    const { cpus, descriptors, keptBefore, slotsPerCpu, tasksPerCpu } = options;
    this.#channels = Array.from({ length: cpus * cpus }, () => []);
    this.cpus = Array.from({ length: cpus }, (_, number) => {
      const tasks = Array.from(
        { length: tasksPerCpu },
        (_task, turn): ModelTask => ({
          number: turn * cpus + number,
          alive: true,
          files: new Array<ModelFile | null>(descriptors).fill(null),
        }),
      );
      const current = tasks[0];
      if (current === undefined) throw new RangeError("a CPU needs a task");
      const slots = (first: number) =>
        Array.from({ length: slotsPerCpu }, (_slot, at) => ({
          number: first + number * slotsPerCpu + at,
          full: false,
        }));
      return { number, tasks, current, posts: 0, slots: slots(keptBefore), texts: slots(0) };
    });
  }

  /** Puts a new file at a descriptor that is free. */
  open(task: ModelTask, fd: number, isSocket: boolean): void {
    const file = { isSocket, uses: 0 };
    this.#live.add(file);
    this.#install(task, fd, file);
  }

  close(task: ModelTask, fd: number): void {
    const file = task.files[fd];
    if (file === null || file === undefined) return;
    task.files[fd] = null;
    this.#drop(file);
  }

  dup(task: ModelTask, from: number, to: number): void {
    const file = task.files[from];
    if (file === null || file === undefined || from === to) return;
    file.uses++;
    this.close(task, to);
    task.files[to] = file;
  }

  /** `child` becomes a copy of `parent`; if it is alive it exits first. */
  fork(parent: ModelTask, child: ModelTask): void {
    this.exit(child);
    child.alive = true;
    for (const [fd, file] of parent.files.entries()) if (file !== null) this.#install(child, fd, file);
  }

  exit(task: ModelTask): void {
    task.alive = false;
    for (const fd of task.files.keys()) this.close(task, fd);
  }

  channel(from: ModelCpu, to: ModelCpu): number {
    return from.number * this.cpus.length + to.number;
  }

  mayPass(channel: number): boolean {
    return this.#queue(channel).length < channelSlots;
  }

  mayReceive(channel: number): boolean {
    return this.#queue(channel).length > 0;
  }

  pass(task: ModelTask, fd: number, channel: number): void {
    const file = task.files[fd];
    if (file === null || file === undefined) throw new RangeError(`descriptor ${fd} is not open`);
    file.uses++;
    this.#queue(channel).push(file);
  }

  receive(task: ModelTask, fd: number, channel: number): void {
    const file = this.#queue(channel).shift();
    if (file === undefined) throw new RangeError(`channel ${channel} is empty`);
    // The message's use becomes the descriptor's.
    task.files[fd] = file;
  }

  get aliveTasks(): number {
    return this.cpus.reduce((sum, { tasks }) => sum + tasks.filter(({ alive }) => alive).length, 0);
  }

  get tasks(): number {
    return this.cpus.reduce((sum, { tasks }) => sum + tasks.length, 0);
  }

  get openDescriptors(): number {
    const open = (task: ModelTask): number => task.files.filter((file) => file !== null).length;
    return this.cpus.reduce((sum, { tasks }) => sum + tasks.reduce((all, task) => all + open(task), 0), 0);
  }

  get filesInFlight(): number {
    return this.#channels.reduce((sum, queue) => sum + queue.length, 0);
  }

  get files(): number {
    return this.#live.size;
  }

  get sockets(): number {
    return [...this.#live].filter(({ isSocket }) => isSocket).length;
  }

  #install(task: ModelTask, fd: number, file: ModelFile): void {
    file.uses++;
    task.files[fd] = file;
  }

  #drop(file: ModelFile): void {
    file.uses--;
    if (file.uses === 0) this.#live.delete(file);
  }

  #queue(channel: number): ModelFile[] {
    const queue = this.#channels[channel];
    if (queue === undefined) throw new RangeError(`no channel ${channel}`);
    return queue;
  }
}
