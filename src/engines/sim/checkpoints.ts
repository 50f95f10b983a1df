/** Looks at the requests done, at equal distances of virtual time: throughput over time, and the steady part of a run. */
import { EventKind, GlobalEvent } from "./event-heap.ts";
import type { SimState } from "./sim-state.ts";

export class Checkpoints {
  /** Time of the next one; infinite once the run is over. */
  next: number;

  /**
   * @param counters cells (index in the memory) that count requests
   * @param expected requests of the whole run, 0 where that is not known
   */
  constructor(
    private readonly s: SimState,
    private readonly counters: readonly number[],
    private readonly expected: number,
  ) {
    if (expected === 0) s.evidence.lines.record();
    this.next = s.evidence.firstCheckpoint;
    this.begun = this.sum();
    this.schedule();
  }

  private readonly begun: number;

  private sum(): number {
    let sum = 0;
    for (const cell of this.counters) sum += (this.s.memory[cell] as number) >>> 0;
    return sum;
  }

  /** Requests done since the run's beginning. */
  get requests(): number {
    return this.sum() - this.begun;
  }

  private schedule(): void {
    const { heap } = this.s;
    heap.time[0] = this.next;
    heap.push(EventKind.global, GlobalEvent.checkpoint);
  }

  take(time: number, more: boolean): void {
    // Where nothing else is to come, everybody waits for somebody.
    if (!more || this.s.heap.size === 0) {
      this.next = Number.POSITIVE_INFINITY;
      return;
    }
    const { requests } = this;
    if (requests * 4 >= this.expected) this.s.evidence.lines.record();
    this.next = this.s.evidence.checkpoint(time, requests);
    this.schedule();
  }
}
