/** What checkers ask about the words of an actor, by program counter; worked out for the whole program at once. */
import type { IrProgram } from "../ir.ts";
import type { FaultSite } from "./emit.ts";
import { flowGraph } from "./flow.ts";
import { chainOf } from "./inline.ts";
import type { Layout } from "./layout.ts";
import type { BitSet } from "./liveness.ts";
import { neededLocals } from "./needed.ts";
import { OwnCpu } from "./own-cpu.ts";
import type { ChainFrame } from "./program.ts";
import { taintedNodes } from "./steady.ts";
import type { Unit } from "./unit.ts";

function ascending(words: Iterable<number>): Int32Array {
  return Int32Array.from(new Set(words)).sort();
}

export class WordFacts {
  readonly live: Int32Array[] = [];
  readonly steady: Int32Array[] = [];
  readonly cpu: Int32Array[] = [];
  private readonly ir: IrProgram;
  private readonly ownCpu: OwnCpu;
  private readonly misuses = new Map<number, ChainFrame | null>();

  constructor(ir: IrProgram, units: ReadonlyMap<number, Unit>, layout: Layout, faults: readonly FaultSite[]) {
    this.ir = ir;
    const entries = [...ir.entries.values()];
    const liveness = neededLocals(units, entries);
    const graph = flowGraph(units, liveness);
    const tainted = taintedNodes(graph);
    this.ownCpu = new OwnCpu(units, entries, liveness, graph);
    const { numbers } = this.ownCpu;

    this.add(0, [], [], []);
    for (const { unit, block, aliases } of layout.cases) {
      const base = graph.base.get(unit.fn.id) as number;
      const wordOf = (local: number) => unit.frame + (unit.homes.slot[local] as number);
      const back = unit.called ? [unit.frame] : [];
      for (const member of [...aliases, block]) {
        const pc = (layout.pcs.get(unit.fn.id) as Int32Array)[member.index] as number;
        const before = liveness.get(unit.fn.id)?.before[member.index] as BitSet;
        const locals = before.list().filter((local) => (unit.homes.slot[local] as number) >= 0);
        // Live locals share a word only where one is a copy of the other: what is known of either holds for the word.
        const steady = locals.filter((local) => tainted[base + local] === 0);
        const cpu = locals.filter((local) => numbers[base + local] === 1);
        this.add(pc, [...back, ...locals.map(wordOf)], [...back, ...steady.map(wordOf)], cpu.map(wordOf));
      }
    }
    faults.forEach(({ unit }, i) => {
      const back = unit.called ? [unit.frame] : [];
      this.add(layout.end + i, back, back, []);
    });
  }

  private add(pc: number, live: number[], steady: number[], cpu: number[]): void {
    this.live[pc] = ascending(live);
    this.steady[pc] = ascending(steady);
    this.cpu[pc] = ascending(cpu);
  }

  /** See `SteppedProgram.cpuMisuse`; of the calls that lead there the innermost. */
  misuse(entry: number): ChainFrame | null {
    let known = this.misuses.get(entry);
    if (known === undefined) {
      const found = this.ownCpu.misuse(entry);
      known = found === null ? null : (chainOf(this.ir, found.owner, found.position).at(-1) ?? null);
      this.misuses.set(entry, known);
    }
    return known;
  }
}
