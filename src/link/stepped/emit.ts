/** JavaScript of cases and pieces. */
import { FaultReason, Op } from "../../machine/ops.ts";
import type { IrPosition } from "../ir.ts";
import { ActorWord } from "./actor.ts";
import type { Block, StraightStatement } from "./blocks.ts";
import { divisionText, type Names, testText, valueText } from "./expressions.ts";
import type { Case, Layout } from "./layout.ts";
import type { Unit } from "./unit.ts";

/**
 * Rounds that loops without any operation may make between two operations before the actor stops with a fault: an endless
 * one would hang the engine. 2^26 take about a tenth of a second.
 */
const maxSilentRounds = 2 ** 26;

/** A place where an actor stops for good. */
export interface FaultSite {
  readonly unit: Unit;
  readonly position: IrPosition;
}

/** What all emitted text of a program shares. */
export interface Emission {
  readonly layout: Layout;
  readonly units: ReadonlyMap<number, Unit>;
  /** Fault pcs follow the cases' pcs in the order of this list. */
  readonly faults: FaultSite[];
  /** Jumps that close a loop without operation: `function id:from pc:to pc`. */
  readonly silentLoops: ReadonlySet<string>;
}

export interface CaseText {
  readonly text: string;
  /** JavaScript variables used are `a0` to `a(variables-1)`. */
  readonly variables: number;
}

/** Key of a jump in `Emission.silentLoops`. */
export function jumpKey(unit: Unit, from: number, to: number): string {
  return `${unit.fn.id}:${from}:${to}`;
}

class CaseEmitter {
  private readonly emission: Emission;
  private readonly unit: Unit;
  private readonly pcs: Int32Array;
  private readonly from: Block;
  private readonly ownPc: number;
  private readonly nextPc: number;
  private readonly names: Names;
  variables = 0;

  constructor(emission: Emission, entry: Case, nextPc: number) {
    this.emission = emission;
    this.unit = entry.unit;
    this.pcs = emission.layout.pcs.get(entry.unit.fn.id) as Int32Array;
    this.from = entry.block;
    this.ownPc = this.pcs[entry.block.index] as number;
    this.nextPc = nextPc;
    this.names = {
      local: (local) => this.local(local),
      script: (offset) => `(T[${offset}+S[B+${ActorWord.scriptBase}]>>2]|0)`,
      cpu: `S[B+${ActorWord.cpu}]`,
    };
  }

  private local(local: number): string {
    const { homes, frame } = this.unit;
    const slot = homes.slot[local] as number;
    if (slot >= 0) return `S[B+${frame + slot}]`;
    const variable = homes.variable[local] as number;
    if (variable < 0) throw new Error(`${this.unit.fn.name}: local ${local} has no home`);
    if (variable >= this.variables) this.variables = variable + 1;
    return `a${variable}`;
  }

  private set(local: number, value: string): string {
    const target = this.local(local);
    return target === value ? "" : `${target}=${value};`;
  }

  /** Stops the actor for good. */
  private fault(reason: number, position: IrPosition): string {
    const pc = this.emission.layout.end + this.emission.faults.length;
    this.emission.faults.push({ unit: this.unit, position });
    return `S[B]=${pc};S[B+${ActorWord.operand0}]=${reason};return ${Op.fault};`;
  }

  private straight(code: readonly StraightStatement[]): string {
    let text = "";
    for (const statement of code) {
      switch (statement.kind) {
        case "assign":
          text += this.set(statement.local, valueText(statement.value, this.names));
          break;
        case "divide": {
          const right = valueText(statement.right, this.names);
          const left = valueText(statement.left, this.names);
          if (statement.right.kind !== "const" || statement.right.value === 0) {
            text += `if(${right}===0){${this.fault(FaultReason.divideByZero, statement.position)}}`;
            if (statement.right.kind === "const") break;
          }
          text += this.set(statement.result, divisionText(statement.op, left, right));
          break;
        }
        case "if": {
          const then = this.straight(statement.then as readonly StraightStatement[]);
          const otherwise = this.straight(statement.else as readonly StraightStatement[]);
          const test = testText(statement.test, this.names);
          if (then === "") text += otherwise === "" ? "" : `if(!${test}){${otherwise}}`;
          else text += `if(${test}){${then}}${otherwise === "" ? "" : `else{${otherwise}}`}`;
          break;
        }
      }
    }
    return text;
  }

  /** Of the loop that a jump closes, or of the function where nothing in it has a place of its own. */
  private place(to: number): IrPosition {
    const { blocks, fn } = this.unit;
    return blocks.find(({ index }) => this.pcs[index] === to)?.loop ?? this.from.loop ?? fn.position;
  }

  private go(to: number, tail: boolean): string {
    let check = "";
    if (this.emission.silentLoops.has(jumpKey(this.unit, this.ownPc, to))) {
      const fault = this.fault(FaultReason.endlessLoop, this.place(to));
      check = `if(++f>${maxSilentRounds}){${fault}}`;
    }
    if (tail && to === this.nextPc) return check;
    return `${check}pc=${to};continue;`;
  }

  private jump(to: Block, tail: boolean): string {
    if (this.unit.leader[to.index] === 0) return this.block(to, tail);
    return this.go(this.pcs[to.index] as number, tail);
  }

  /** Text of a block and of all that belongs to its case; control never falls off it unless `tail`. */
  block(block: Block, tail: boolean): string {
    const { end, resume } = block;
    let text = "";
    if (resume !== null && resume.result !== null) {
      text += this.set(resume.result, resume.from === "op" ? "r" : `S[B+${ActorWord.returnValue}]`);
    }
    text += this.straight(block.code);
    switch (end.kind) {
      case "jump":
        return text + this.jump(end.to, tail);
      case "branch": {
        const test = testText(end.test, this.names);
        return `${text}if(${test}){${this.jump(end.then, false)}}${this.jump(end.else, tail)}`;
      }
      case "switch": {
        const labels = new Map<Block, string>();
        for (const entry of end.cases) {
          if (entry.to === end.default) continue;
          labels.set(entry.to, `${labels.get(entry.to) ?? ""}case ${entry.value | 0}:`);
        }
        text += `switch(${valueText(end.value, this.names)}){`;
        for (const [to, label] of labels) text += `${label}{${this.jump(to, false)}}`;
        return `${text}}${this.jump(end.default, tail)}`;
      }
      case "op": {
        end.args.forEach((arg, i) => {
          text += `S[B+${ActorWord.operand0 + i}]=${valueText(arg, this.names)};`;
        });
        return `${text}S[B]=${this.pcs[end.next.index]};return ${end.op};`;
      }
      case "call": {
        const callee = this.emission.units.get(end.callee) as Unit;
        end.args.forEach((arg, i) => {
          const slot = callee.homes.slot[i] as number;
          if (slot >= 0) text += `S[B+${callee.frame + slot}]=${valueText(arg, this.names)};`;
        });
        text += `S[B+${callee.frame}]=${this.pcs[end.next.index]};`;
        const entry = (this.emission.layout.pcs.get(end.callee) as Int32Array)[0] as number;
        return text + this.go(entry, false);
      }
      case "return":
        if (end.value !== null) {
          text += `S[B+${ActorWord.returnValue}]=${valueText(end.value, this.names)};`;
        }
        if (this.unit.called) return `${text}pc=S[B+${this.unit.frame}];continue;`;
        return `${text}S[B]=0;return ${Op.done};`;
      case "fault":
        return text + this.fault(end.reason, end.position);
    }
  }
}

/** The text of one case; `nextPc` is that of the case behind it in the same piece (or -1). */
export function emitCase(emission: Emission, entry: Case, nextPc: number): CaseText {
  const emitter = new CaseEmitter(emission, entry, nextPc);
  const pcs = emission.layout.pcs.get(entry.unit.fn.id) as Int32Array;
  const labels = [...entry.aliases, entry.block].map((block) => `case ${pcs[block.index]}:`).join("");
  return { text: `${labels}${emitter.block(entry.block, true)}\n`, variables: emitter.variables };
}

/** The function around the cases of a piece. A piece that meets a pc of another one hands it back with -1. */
export function emitPiece(
  name: string,
  cases: readonly CaseText[],
  first: boolean,
  firstFault: number,
): string {
  const variables = Math.max(0, ...cases.map((entry) => entry.variables));
  let declared = "let pc=S[B],f=0";
  for (let i = 0; i < variables; i++) declared += `,a${i}=0`;
  const body = cases.map((entry) => entry.text).join("");
  const done = first ? `case 0:S[B]=0;return ${Op.done};\n` : "";
  return (
    `function ${name}(S,B,r){${declared};for(;;)switch(pc){\n${done}${body}` +
    `default:S[B]=pc;return pc<${firstFault}?-1:${Op.fault};}}`
  );
}
