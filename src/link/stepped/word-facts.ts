/** What checkers ask about the words of an actor, by program counter; worked out for the whole program at once. */
import type { IrProgram } from "../ir.ts";
import type { FaultSite } from "./emit.ts";
import { flowGraph } from "./flow.ts";
import { chainOf } from "./inline.ts";
import type { Layout } from "./layout.ts";
import type { BitSet, Liveness } from "./liveness.ts";
import { neededLocals } from "./needed.ts";
import { type CpuArea, OwnCpu } from "./own-cpu.ts";
import type { ChainFrame } from "./program.ts";
import { taintedNodes } from "./steady.ts";
import type { Unit } from "./unit.ts";

function ascending(words: Iterable<number>): Int32Array {
  return Int32Array.from(new Set(words)).sort();
}

function wordsOf(unit: Unit, locals: readonly number[]): number[] {
  return locals.map((local) => unit.frame + (unit.homes.slot[local] as number));
}

interface CpuUse {
  /** By pc; see `SteppedProgram.cpuWords`. */
  readonly words: readonly Int32Array[];
  /** See `SteppedProgram.cpuMisuse`; of the calls that lead there the innermost. */
  readonly misuse: ChainFrame | null;
  /** See `SteppedProgram.cpuAreas`. */
  readonly areas: readonly CpuArea[];
  /** See `SteppedProgram.constantsOf`. */
  readonly constants: ReadonlySet<number>;
}

export class WordFacts {
  readonly live: Int32Array[] = [];
  readonly steady: Int32Array[] = [];
  private readonly ir: IrProgram;
  private readonly units: ReadonlyMap<number, Unit>;
  private readonly layout: Layout;
  private readonly liveness: ReadonlyMap<number, Liveness>;
  private readonly uses = new Map<number, CpuUse>();

  constructor(ir: IrProgram, units: ReadonlyMap<number, Unit>, layout: Layout, faults: readonly FaultSite[]) {
    this.ir = ir;
    this.units = units;
    this.layout = layout;
    this.liveness = neededLocals(units, ir.entries.values());
    const graph = flowGraph(units, this.liveness);
    const tainted = taintedNodes(graph);
    this.add(0, [], []);
    for (const { pc, unit, locals } of this.sites()) {
      const base = graph.base.get(unit.fn.id) as number;
      const back = unit.called ? [unit.frame] : [];
      const steady = locals.filter((local) => tainted[base + local] === 0);
      this.add(pc, [...back, ...wordsOf(unit, locals)], [...back, ...wordsOf(unit, steady)]);
    }
    faults.forEach(({ unit }, i) => {
      const back = unit.called ? [unit.frame] : [];
      this.add(layout.end + i, back, back);
    });
  }

  private add(pc: number, live: number[], steady: number[]): void {
    this.live[pc] = ascending(live);
    this.steady[pc] = ascending(steady);
  }

  /**
   * The locals that are alive in the actor at every pc. Two of them share a word only where one is a copy of the other:
   * what is known of either holds for the word.
   */
  private *sites(): Iterable<{ pc: number; unit: Unit; locals: number[] }> {
    for (const { unit, block, aliases } of this.layout.cases) {
      for (const member of [...aliases, block]) {
        const pc = (this.layout.pcs.get(unit.fn.id) as Int32Array)[member.index] as number;
        const before = this.liveness.get(unit.fn.id)?.before[member.index] as BitSet;
        const locals = before.list().filter((local) => (unit.homes.slot[local] as number) >= 0);
        yield { pc, unit, locals };
      }
    }
  }

  /** What becomes of the CPU number of actors that run an entry. */
  cpuUse(entry: number): CpuUse {
    let known = this.uses.get(entry);
    if (known === undefined) {
      const ownCpu = new OwnCpu(this.units, entry, this.liveness);
      const words: Int32Array[] = [];
      for (const { pc, unit, locals } of this.sites()) {
        const numbers = locals.filter((local) => ownCpu.isNumber(unit.fn.id, local));
        words[pc] = ascending(wordsOf(unit, numbers));
      }
      const found = ownCpu.misuse();
      const chain = found === null ? [] : chainOf(this.ir, found.owner, found.position);
      known = { words, misuse: chain.at(-1) ?? null, areas: ownCpu.areas(), constants: ownCpu.constants() };
      this.uses.set(entry, known);
    }
    return known;
  }
}
