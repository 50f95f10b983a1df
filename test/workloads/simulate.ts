/**
 * A sequential simulation of a workload's scripts for tests: descriptor tables, channels, slots and progress counters, no labels. CPUs
 * take turns in an order drawn from a seed; a CPU that has to wait is passed over. Throws where a script does what the
 * kernel could not: opens a descriptor that is open, closes one that is not, fills a slot that is full, runs an exited task, or blocks for ever.
 */
import { Event } from "../../src/kernel/events.ts";
import { Random } from "../../src/workloads/random.ts";
import { recordCells } from "../../src/workloads/script.ts";
import type { Workload } from "../../src/workloads/workload.ts";

interface Cpu {
  at: number;
  task: number;
  progress: number;
  finished: boolean;
  readonly blocks: { start: number; end: number; left: number }[];
}

export interface Simulated {
  requests: number;
  opens: number;
  closes: number;
  openAtEnd: number;
  inFlight: number;
  executed: number;
  /** Slots that keep a label. */
  keptAtEnd: number;
}

export function simulate(workload: Workload, seed = "schedule", channelCapacity = 1): Simulated {
  const { population, scripts } = workload;
  const random = new Random(seed);
  const tables = Array.from({ length: population.tasks }, () => new Set<number>());
  const exited = new Set<number>();
  const channels = new Array<number>(population.channels).fill(0);
  const slots = new Set<number>();
  const result: Simulated = {
    requests: 0,
    opens: 0,
    closes: 0,
    openAtEnd: 0,
    inFlight: 0,
    executed: 0,
    keptAtEnd: 0,
  };
  const cpus: Cpu[] = scripts.map(() => ({ at: 0, task: -1, progress: 0, finished: false, blocks: [] }));

  function fail(cpu: number, text: string): never {
    throw new Error(`CPU ${cpu}, record ${cpus[cpu]?.at}: ${text}`);
  }

  /** Executes one record; false if the CPU has to wait. */
  function step(index: number): boolean {
    const cpu = cpus[index] as Cpu;
    const script = scripts[index] as Int32Array;
    let block = cpu.blocks.at(-1);
    while (block !== undefined && block.end === cpu.at) {
      block.left--;
      if (block.left > 0) cpu.at = block.start;
      else cpu.blocks.pop();
      if (block.left > 0) break;
      block = cpu.blocks.at(-1);
    }
    const [event, a, b] = script.subarray(
      cpu.at * recordCells,
      cpu.at * recordCells + 3,
    ) as unknown as number[];
    const operandA = a as number;
    const operandB = b as number;
    if (event !== Event.switchTask && event !== Event.end && exited.has(cpu.task))
      fail(index, "task has exited");
    const table = tables[cpu.task] as Set<number>;
    const need = (fd: number): void => {
      if (!table.has(fd)) fail(index, `${Event[event as number]}: descriptor ${fd} is not open`);
    };
    const make = (fd: number): void => {
      if (table.has(fd)) fail(index, `${Event[event as number]}: descriptor ${fd} is open already`);
      if (fd >= population.descriptorsPerTask) fail(index, `descriptor ${fd} is too large`);
      table.add(fd);
    };
    switch (event) {
      case Event.end:
        cpu.finished = true;
        return true;
      case Event.open:
        make(operandA);
        result.opens++;
        break;
      case Event.socket:
        make(operandA);
        break;
      case Event.close:
        need(operandA);
        table.delete(operandA);
        result.closes++;
        break;
      case Event.permission:
      case Event.send:
        need(operandA);
        break;
      case Event.accept:
        need(operandA);
        make(operandB);
        break;
      case Event.dup:
        need(operandA);
        table.add(operandB);
        break;
      case Event.fork: {
        const child = tables[operandA] as Set<number>;
        if (child.size > 0) fail(index, `task ${operandA} has descriptors before its fork`);
        for (const fd of table) child.add(fd);
        exited.delete(operandA);
        break;
      }
      case Event.exit:
        table.clear();
        exited.add(cpu.task);
        break;
      case Event.passFile:
        need(operandA);
        if ((channels[operandB] as number) >= channelCapacity) return false;
        (channels[operandB] as number)++;
        break;
      case Event.receiveFile:
        if (channels[operandB] === 0) return false;
        (channels[operandB] as number)--;
        make(operandA);
        break;
      case Event.keepLabel:
        if (slots.has(operandA)) fail(index, `slot ${operandA} is full`);
        slots.add(operandA);
        break;
      case Event.dropLabel:
        if (!slots.delete(operandA)) fail(index, `slot ${operandA} is empty`);
        break;
      case Event.lookUpLabel:
      case Event.parseLabel:
        if (!slots.has(operandA)) fail(index, `slot ${operandA} is empty`);
        break;
      case Event.request:
        result.requests++;
        break;
      case Event.post:
        cpu.progress++;
        break;
      case Event.waitFor:
        if ((cpus[operandA] as Cpu).progress < operandB) return false;
        break;
      case Event.repeat:
        cpu.blocks.push({ start: cpu.at + 1, end: cpu.at + 1 + operandB, left: operandA });
        break;
      case Event.switchTask:
        if (exited.has(operandA)) fail(index, `task ${operandA} has exited`);
        cpu.task = operandA;
        break;
      default:
    }
    cpu.at++;
    result.executed++;
    return true;
  }

  // Set-up is CPU 0's alone; nothing in it waits.
  for (let record = 0; record < workload.setupRecords; record++) step(0);
  let running = scripts.map((_, index) => index);
  while (running.length > 0) {
    let moved = false;
    for (const index of random.shuffle(running)) {
      // A CPU runs on for a while, so that others fall behind as far as they can.
      for (let steps = 1 + random.below(40); steps > 0 && !(cpus[index] as Cpu).finished; steps--) {
        if (!step(index)) break;
        moved = true;
      }
    }
    if (!moved) throw new Error(`deadlock: CPUs ${running.join(", ")} wait for ever`);
    running = running.filter((index) => !(cpus[index] as Cpu).finished);
  }
  for (const table of tables) result.openAtEnd += table.size;
  result.keptAtEnd = slots.size;
  for (const waiting of channels) result.inFlight += waiting;
  return result;
}
