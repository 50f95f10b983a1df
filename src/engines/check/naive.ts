/**
 * Every interleaving, one after the other, without any reduction. Far too slow for anything but tiny programs: it is there to
 * say what the other searches must find.
 */
import { Collector } from "./collector.ts";
import type { CheckMachine } from "./machine.ts";
import type { Snapshot } from "./snapshots.ts";
import type { ExploreOptions, ExploreProgress, ExploreResult, Explorer, Transition } from "./types.ts";

/** Room that `enabled` needs. */
const maxEnabled = 4096;

/** A state on the path and what can happen there. */
interface Node {
  readonly snapshot: Snapshot;
  readonly choices: Int32Array;
  /** Choices taken. */
  next: number;
}

export class NaiveExplorer implements Explorer {
  private readonly machine: CheckMachine;
  private readonly collector: Collector;
  private readonly path: Node[] = [];
  private readonly enabled = new Int32Array(maxEnabled);
  private begun = false;

  constructor(machine: CheckMachine, options: ExploreOptions = {}) {
    this.machine = machine;
    this.collector = new Collector(machine, options);
  }

  advance(transitions: number): boolean {
    const { collector, machine, path } = this;
    const end = collector.transitions + transitions;
    if (!this.begun) {
      this.begun = true;
      machine.reset();
      this.enter();
    }
    while (!collector.over && collector.transitions < end) {
      const node = path[path.length - 1];
      if (node === undefined) {
        collector.over = true;
        break;
      }
      if (node.next === node.choices.length) {
        path.pop();
        continue;
      }
      if (node.next > 0) machine.restore(node.snapshot);
      const transition = node.choices[node.next++] as Transition;
      collector.transitions++;
      if (machine.perform(transition)) this.enter();
      else collector.broken(() => this.schedule());
      collector.depth = Math.max(collector.depth, path.length);
    }
    return collector.over;
  }

  /** The machine came to a new state. */
  private enter(): void {
    const { collector, machine, path } = this;
    const count = machine.enabled(this.enabled);
    if (count === 0) collector.ended(() => this.schedule());
    else if (path.length >= collector.stepLimit) collector.cutOff(() => this.schedule());
    else path.push({ snapshot: machine.save(), choices: this.enabled.slice(0, count), next: 0 });
  }

  private schedule(): Transition[] {
    return this.path.map((node) => node.choices[node.next - 1] as Transition);
  }

  progress(): ExploreProgress {
    let bytes = 0;
    for (const node of this.path) bytes += node.snapshot.byteLength + node.choices.byteLength;
    return this.collector.progress(this.path.length, bytes);
  }

  result(): ExploreResult {
    return this.collector.result();
  }
}
