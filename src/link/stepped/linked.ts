/** A finished stepped program: the generated code with everything that engines ask about it. */
import { FaultReason, Op, opByCode } from "../../machine/ops.ts";
import type { IrProgram, IrStruct } from "../ir.ts";
import { ActorWord, firstSlot } from "./actor.ts";
import type { FaultSite } from "./emit.ts";
import { chainInStrategy, chainOf } from "./inline.ts";
import type { Layout } from "./layout.ts";
import { type CpuArea, cpuParameters } from "./own-cpu.ts";
import type { ChainFrame, ResumeSite, Step, SteppedEntry, SteppedProgram } from "./program.ts";
import type { Unit } from "./unit.ts";
import { WordFacts } from "./word-facts.ts";

/** How many pieces a step function may jump through without reaching an operation; see `maxSilentRounds`. */
const maxPieceJumps = 2 ** 24;

interface Site {
  readonly resume: ResumeSite;
  readonly returnWord: number;
  readonly inStrategy: boolean;
}

const nowhere: Site = { resume: { op: null, chain: [] }, returnWord: 0, inStrategy: false };

const noWords = new Int32Array(0);

/** Where an entry begins. */
interface Start {
  readonly unit: Unit;
  readonly pc: number;
}

interface Generated {
  readonly texts: readonly string[];
  readonly starts: readonly number[];
  readonly faults: readonly FaultSite[];
}

export class LinkedProgram implements SteppedProgram {
  readonly wordsPerActor: number;
  readonly pieces: readonly string[];
  readonly sites: readonly ResumeSite[];
  readonly entries: ReadonlyMap<string, SteppedEntry>;
  readonly structs: readonly IrStruct[];
  readonly constants: ReadonlyMap<string, number>;
  private readonly all: readonly Site[];
  private readonly strategySites: Uint8Array;
  private readonly returnWords: Int32Array;
  private readonly starts: ReadonlyMap<string, Start>;
  /** Only checkers ask: worked out at the first question. */
  private readonly words: () => WordFacts;
  private readonly source: string;

  constructor(
    ir: IrProgram,
    units: ReadonlyMap<number, Unit>,
    layout: Layout,
    generated: Generated,
    words: number,
  ) {
    this.wordsPerActor = words;
    this.pieces = generated.texts;
    this.structs = ir.structs;
    this.constants = ir.constants;
    this.all = makeSites(ir, layout, generated.faults);
    this.sites = this.all.map((site) => site.resume);
    this.strategySites = Uint8Array.from(this.all, (site) => (site.inStrategy ? 1 : 0));
    this.returnWords = Int32Array.from(this.all, (site) => site.returnWord);
    this.source = sourceOf(generated, layout.end);
    const starts = new Map<string, Start>();
    const entries = new Map<string, SteppedEntry>();
    for (const [name, id] of ir.entries) {
      const unit = units.get(id) as Unit;
      starts.set(name, { unit, pc: (layout.pcs.get(id) as Int32Array)[0] as number });
      entries.set(name, {
        parameters: unit.fn.parameters,
        returns: unit.fn.result !== null,
        cpuParameters: cpuParameters(unit.fn),
      });
    }
    this.starts = starts;
    let facts: WordFacts | null = null;
    this.words = () => {
      facts ??= new WordFacts(ir, units, layout, generated.faults);
      return facts;
    };
    this.entries = entries;
  }

  private startOf(entry: string): Start {
    const start = this.starts.get(entry);
    if (start === undefined) {
      throw new Error(`the program has no entry '${entry}'; it has ${[...this.starts.keys()].join(", ")}`);
    }
    return start;
  }

  liveWords(pc: number): Int32Array {
    return this.words().live[pc] ?? noWords;
  }

  liveSlots(pc: number): Int32Array {
    return this.liveWords(pc);
  }

  steadyWords(pc: number): Int32Array {
    return this.words().steady[pc] ?? noWords;
  }

  cpuWords(pc: number, entry: string): Int32Array {
    return this.words().cpuUse(this.startOf(entry).unit.fn.id).words[pc] ?? noWords;
  }

  cpuMisuse(entry: string): ChainFrame | null {
    return this.words().cpuUse(this.startOf(entry).unit.fn.id).misuse;
  }

  cpuAreas(entry: string): readonly CpuArea[] {
    return this.words().cpuUse(this.startOf(entry).unit.fn.id).areas;
  }

  constantsOf(entry: string): ReadonlySet<number> {
    return this.words().cpuUse(this.startOf(entry).unit.fn.id).constants;
  }

  returnWord(pc: number): number {
    return this.returnWords[pc] ?? 0;
  }

  chain(state: Int32Array, base: number): ChainFrame[] {
    let chain: ChainFrame[] = [];
    for (let pc = state[base] as number; ; ) {
      chain = [...(this.sites[pc]?.chain ?? []), ...chain];
      const word = this.returnWord(pc);
      if (word === 0) return chain;
      pc = state[base + word] as number;
    }
  }

  inStrategy(state: Int32Array, base: number): boolean {
    for (let pc = state[base] as number; ; ) {
      if (this.strategySites[pc] === 1) return true;
      const word = this.returnWords[pc] as number;
      if (word === 0) return false;
      pc = state[base + word] as number;
    }
  }

  normalise(state: Int32Array, base: number): void {
    const live = new Set<number>();
    const first = state[base] as number;
    for (let pc = first; ; ) {
      for (const word of this.liveWords(pc)) live.add(word);
      const word = this.returnWord(pc);
      if (word === 0) break;
      pc = state[base + word] as number;
    }
    const op = first === 0 ? Op.done : this.sites[first]?.op;
    const operands = op === Op.fault ? 1 : op == null || op === Op.done ? 0 : opByCode(op).operands.length;
    for (let i = operands; i < 3; i++) state[base + ActorWord.operand0 + i] = 0;
    if (op !== Op.done) state[base + ActorWord.returnValue] = 0;
    for (let i = firstSlot; i < this.wordsPerActor; i++) if (!live.has(i)) state[base + i] = 0;
  }

  start(
    state: Int32Array,
    base: number,
    entry: string,
    args: readonly number[],
    actor: { readonly cpu: number; readonly scriptBase: number },
  ): void {
    const { unit, pc } = this.startOf(entry);
    if (args.length !== unit.fn.parameters) {
      throw new Error(`entry '${entry}' takes ${unit.fn.parameters} arguments, not ${args.length}`);
    }
    // A return pc of 0 (all words are 0) is the end of the entry.
    state.fill(0, base, base + this.wordsPerActor);
    state[base + ActorWord.pc] = pc;
    state[base + ActorWord.cpu] = actor.cpu;
    state[base + ActorWord.scriptBase] = actor.scriptBase;
    args.forEach((arg, i) => {
      const slot = unit.homes.slot[i] as number;
      if (slot >= 0) state[base + unit.frame + slot] = arg;
    });
  }

  instantiate(scripts: Int32Array): Step {
    return new Function("T", this.source)(scripts) as Step;
  }
}

function makeSites(ir: IrProgram, layout: Layout, faults: readonly FaultSite[]): Site[] {
  const sites: Site[] = [{ ...nowhere, resume: { op: Op.done, chain: [] } }];
  for (const { unit, block, aliases } of layout.cases) {
    const returnWord = unit.called ? unit.frame : 0;
    for (const member of [...aliases, block]) {
      const pc = (layout.pcs.get(unit.fn.id) as Int32Array)[member.index] as number;
      const position = member.resume?.position ?? unit.fn.position;
      sites[pc] = {
        resume: { op: opBefore(unit, member), chain: chainOf(ir, unit.fn.id, position) },
        returnWord,
        inStrategy: chainInStrategy(ir, unit.fn.id, position),
      };
    }
  }
  for (const { unit, position } of faults) {
    sites.push({
      resume: { op: Op.fault, chain: chainOf(ir, unit.fn.id, position) },
      returnWord: unit.called ? unit.frame : 0,
      inStrategy: chainInStrategy(ir, unit.fn.id, position),
    });
  }
  return sites;
}

const opsByUnit = new WeakMap<Unit, Map<number, Op>>();

/** The operation whose result a block takes. */
function opBefore(unit: Unit, block: Unit["blocks"][number]): Op | null {
  let ops = opsByUnit.get(unit);
  if (ops === undefined) {
    ops = new Map();
    for (const { end } of unit.blocks) if (end.kind === "op") ops.set(end.next.index, end.op);
    opsByUnit.set(unit, ops);
  }
  return ops.get(block.index) ?? null;
}

/** Body of the function that gets the scripts (`T`) and yields the step function. */
function sourceOf(generated: Generated, firstFault: number): string {
  const { texts, starts } = generated;
  const head = `"use strict";${texts.join("\n")}\n`;
  if (texts.length === 1) return `${head}return step;`;
  let choice = `p${texts.length - 1}(S,B,r)`;
  for (let i = texts.length - 2; i >= 0; i--) choice = `pc<${starts[i + 1]}?p${i}(S,B,r):${choice}`;
  // Jumps between pieces leave the pc in the actor; the result of the last operation is read at once or never.
  return (
    `${head}return function step(S,B,r){for(let n=0;n<${maxPieceJumps};n++){const pc=S[B];` +
    `const o=pc<${firstFault}?${choice}:${Op.fault};if(o!==-1)return o;}` +
    `S[B+${ActorWord.operand0}]=${FaultReason.endlessLoop};return ${Op.fault};};`
  );
}
