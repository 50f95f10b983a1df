/**
 * The stepped back end: from the typed form to JavaScript in which every actor is explicit state.
 *
 * All functions share one space of program counters; a call that was not inlined writes its arguments and a return pc into
 * the callee's frame, whose place is fixed because nothing recurses. V8 never optimises a function above 60 KB of
 * bytecode, so the cases are spread over several JavaScript functions of limited length.
 */
import type { IrProgram } from "../ir.ts";
import { jumpTargets } from "./blocks.ts";
import { type CaseText, type Emission, emitCase, emitPiece, type FaultSite } from "./emit.ts";
import { inlineProgram, reachableFunctions } from "./inline.ts";
import { type Layout, layOut, placeFrames } from "./layout.ts";
import { LinkedProgram } from "./linked.ts";
import type { BitSet } from "./liveness.ts";
import type { SteppedProgram } from "./program.ts";
import { silentLoops } from "./silent-loops.ts";
import { homesOf, makeUnit, type Unit } from "./unit.ts";
import { weigh } from "./weight.ts";

export interface SteppedOptions {
  /** Characters that no generated function may exceed; 30,000 unless given. */
  readonly maxPieceCharacters?: number;
  /**
   * `"auto"` (the default) copies callees as long as the code of every entry should fit one piece; `"none"` keeps every
   * call; a number copies callees of up to so many characters.
   */
  readonly inline?: "auto" | "none" | number;
}

/** Sizes of callees to try, in characters; the largest that keeps an entry's code in one piece wins. */
const calleeSizes = [30_000, 6000, 3000, 1500, 1000, 700, 500, 350];
/** What is copied where nothing keeps the code in one piece: about the length of a call with its arguments. */
const smallestCallee = 250;

function inlineFor(ir: IrProgram, mode: "auto" | "none" | number, limit: number): IrProgram {
  if (mode === "none") return inlineProgram(ir, { maxCallee: -1, maxCaller: 0, mergeSingle: false });
  const at = (maxCallee: number) => inlineProgram(ir, { maxCallee, maxCaller: 2 * limit, mergeSingle: true });
  if (mode !== "auto") return at(mode);
  const fits = (candidate: IrProgram) =>
    [...ir.entries.values()].every((root) => {
      const { order } = reachableFunctions(candidate.functions, [root]);
      let sum = 0;
      for (const id of order) sum += weigh(candidate.functions[id]?.body ?? []);
      return sum <= limit;
    });
  // Large programs fit at no size: one attempt tells.
  if (!fits(at(smallestCallee))) return at(smallestCallee);
  for (const size of calleeSizes) {
    const candidate = at(size);
    if (fits(candidate)) return candidate;
  }
  return at(smallestCallee);
}

/** Callers before callees, over everything that the entries reach. */
function topological(units: ReadonlyMap<number, Unit>): Unit[] {
  // Callees have smaller ids than their callers in the typed form.
  return [...units.values()].sort((a, b) => b.fn.id - a.fn.id);
}

interface Pieces {
  readonly texts: readonly string[];
  /** By piece: first pc. */
  readonly starts: readonly number[];
  readonly faults: readonly FaultSite[];
}

/** Splits the cases into pieces of about `target` characters; `starts` are indices of cases. */
function cut(texts: readonly CaseText[], target: number): number[] {
  const starts = [0];
  let length = 0;
  texts.forEach((entry, i) => {
    if (length > 0 && length + entry.text.length > target) {
      starts.push(i);
      length = 0;
    }
    length += entry.text.length;
  });
  return starts;
}

function emitAll(emission: Emission, starts: readonly number[]): CaseText[] {
  const { cases } = emission.layout;
  const first = new Set(starts);
  emission.faults.length = 0;
  return cases.map((entry, i) => {
    const next = cases[i + 1];
    let nextPc = -1;
    if (next !== undefined && !first.has(i + 1)) {
      nextPc = (emission.layout.pcs.get(next.unit.fn.id) as Int32Array)[next.block.index] as number;
    }
    return emitCase(emission, entry, nextPc);
  });
}

/** Locals that cross from one piece to another by a jump must live in the actor. Returns whether any was new. */
function storeAcross(layout: Layout, starts: readonly number[]): boolean {
  const pieceOf = new Map<string, number>();
  let piece = -1;
  layout.cases.forEach((entry, i) => {
    if (starts[piece + 1] === i) piece++;
    pieceOf.set(`${entry.unit.fn.id}:${entry.block.index}`, piece);
  });
  let changed = false;
  for (const { unit, block } of layout.cases) {
    const own = pieceOf.get(`${unit.fn.id}:${block.index}`);
    const inside = [block];
    for (let at = inside.pop(); at !== undefined; at = inside.pop()) {
      for (const next of jumpTargets(at)) {
        if (unit.leader[next.index] === 0) inside.push(next);
        else if (pieceOf.get(`${unit.fn.id}:${next.index}`) !== own) {
          if (unit.stored.union(unit.liveness.before[next.index] as BitSet)) changed = true;
        }
      }
    }
  }
  return changed;
}

function writePieces(units: ReadonlyMap<number, Unit>, order: readonly Unit[], limit: number): Pieces {
  const layout = layOut(order);
  const emission: Emission = { layout, units, faults: [], silentLoops: silentLoops(layout) };
  const header = 160;
  for (let target = limit - header; target > limit / 8; target *= 0.9) {
    placeFrames(topological(units));
    const starts = cut(emitAll(emission, []), target);
    // What crosses a cut moves into the actor, which makes texts longer; the cuts stay.
    if (storeAcross(layout, starts)) {
      for (const unit of order) unit.homes = homesOf(unit);
      placeFrames(topological(units));
    }
    const texts = emitAll(emission, starts);
    const firstFault = layout.end;
    const pieces = starts.map((start, i) =>
      emitPiece(
        starts.length === 1 ? "step" : `p${i}`,
        texts.slice(start, starts[i + 1]),
        i === 0,
        firstFault,
      ),
    );
    if (pieces.every((piece) => piece.length < limit)) {
      const pcOf = (index: number) => {
        const { unit, block, aliases } = layout.cases[index] as Layout["cases"][number];
        return (layout.pcs.get(unit.fn.id) as Int32Array)[(aliases[0] ?? block).index] as number;
      };
      return {
        texts: pieces,
        starts: starts.map((start, i) => (i === 0 ? 0 : pcOf(start))),
        faults: [...emission.faults],
      };
    }
  }
  throw new Error(
    `a generated function does not fit into ${limit} characters; its code cannot be split further`,
  );
}

/**
 * Makes a stepped program. Throws where a generated function would exceed the limit, which V8 would never optimise; that is
 * a defect of the linker or an expression of absurd length.
 */
export function buildStepped(ir: IrProgram, options: SteppedOptions = {}): SteppedProgram {
  const limit = options.maxPieceCharacters ?? 30_000;
  const inlined = inlineFor(ir, options.inline ?? "auto", limit * 0.9);
  const { order, calls } = reachableFunctions(inlined.functions, ir.entries.values());
  const units = new Map<number, Unit>();
  for (const id of order) {
    const fn = inlined.functions[id];
    if (fn === undefined) throw new Error(`function ${id} is missing`);
    units.set(id, makeUnit(fn, calls.has(id), limit / 4));
  }
  const ordered = [...units.values()];
  const pieces = writePieces(units, ordered, limit);
  const words = placeFrames(topological(units));
  return new LinkedProgram(inlined, units, layOut(ordered), pieces, words);
}
