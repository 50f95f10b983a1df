/**
 * The obvious stepped form: one JavaScript generator per function, a `yield` per operation, calls by `yield*`. It exists as
 * the opponent of the stepped back end in benchmarks and as its oracle in tests: it follows the structured form word for
 * word, without inlining, liveness or program counters. Its actors cannot be copied.
 */
import { FaultReason, Op } from "../../machine/ops.ts";
import type { IrFunction, IrProgram, IrStatement } from "../ir.ts";
import { ActorWord } from "../stepped/actor.ts";
import { divisionText, type Names, testText, valueText } from "../stepped/expressions.ts";

/** A running actor: `step` runs to the next operation, whose operands are then in words 1 to 3 of `state`. */
interface GeneratorActor {
  /** Like an actor's header in a stepped program; the pc is not kept. */
  readonly state: Int32Array;
  step(result: number): Op;
}

export interface GeneratorProgram {
  readonly source: string;
  instantiate(
    scripts: Int32Array,
  ): (
    entry: string,
    args: readonly number[],
    actor: { readonly cpu: number; readonly scriptBase: number },
  ) => GeneratorActor;
}

const names: Names = {
  local: (local) => `v${local}`,
  script: (offset) => `(T[${offset}+S[${ActorWord.scriptBase}]>>2]|0)`,
  cpu: `S[${ActorWord.cpu}]`,
};

function fault(reason: number): string {
  return `S[${ActorWord.operand0}]=${reason};for(;;)yield ${Op.fault};`;
}

function list(statements: readonly IrStatement[]): string {
  return statements.map(one).join("");
}

function one(statement: IrStatement): string {
  switch (statement.kind) {
    case "assign":
      return `v${statement.local}=${valueText(statement.value, names)};`;
    case "op": {
      const operands = statement.args.map((arg, i) => `S[${i + 1}]=${valueText(arg, names)};`).join("");
      return `${operands}${statement.result === null ? "" : `v${statement.result}=`}yield ${statement.op};`;
    }
    case "divide": {
      const right = valueText(statement.right, names);
      const quotient = divisionText(statement.op, valueText(statement.left, names), right);
      return `if(${right}===0){${fault(FaultReason.divideByZero)}}v${statement.result}=${quotient};`;
    }
    case "call": {
      const args = ["S", ...statement.args.map((arg) => valueText(arg, names))].join(",");
      return `${statement.result === null ? "" : `v${statement.result}=`}yield*f${statement.callee}(${args});`;
    }
    case "if":
      return `if(${testText(statement.test, names)}){${list(statement.then)}}else{${list(statement.else)}}`;
    case "block":
      return `L${statement.label}:{${list(statement.body)}}`;
    case "loop":
      return `L${statement.label}:for(;;){${list(statement.body)}}`;
    case "break":
      return `break L${statement.label};`;
    case "continue":
      return `continue L${statement.label};`;
    case "switch": {
      const cases = statement.cases.map((entry) => `case ${entry.value | 0}:break L${entry.label};`).join("");
      return `switch(${valueText(statement.value, names)}){${cases}default:break L${statement.default};}`;
    }
    case "return":
      return statement.value === null ? "return 0;" : `return ${valueText(statement.value, names)};`;
    case "fault":
      return fault(statement.reason);
  }
}

function functionText(fn: IrFunction): string {
  const parameters = ["S", ...fn.locals.slice(0, fn.parameters).map((_, i) => `v${i}`)].join(",");
  const rest = fn.locals.slice(fn.parameters).map((_, i) => `v${i + fn.parameters}=0`);
  const declared = rest.length === 0 ? "" : `let ${rest.join(",")};`;
  const end = fn.result === null ? "return 0;" : fault(FaultReason.noReturn);
  return `function*f${fn.id}(${parameters}){${declared}${list(fn.body)}${end}}\n`;
}

/** Makes the generator form of a program. */
export function buildGenerators(ir: IrProgram): GeneratorProgram {
  const table = [...ir.entries].map(([name, id]) => `${JSON.stringify(name)}:f${id}`).join(",");
  const source = `"use strict";${ir.functions.map(functionText).join("")}return {${table}};`;
  return {
    source,
    instantiate(scripts) {
      type Body = (state: Int32Array, ...args: number[]) => Generator<Op, number, number>;
      const bodies = new Function("T", source)(scripts) as Record<string, Body>;
      return (entry, args, actor) => {
        const body = bodies[entry];
        if (body === undefined) throw new Error(`the program has no entry '${entry}'`);
        const state = new Int32Array(8);
        state[ActorWord.cpu] = actor.cpu;
        state[ActorWord.scriptBase] = actor.scriptBase;
        const running = body(state, ...args);
        return {
          state,
          step(result) {
            const next = running.next(result);
            if (next.done !== true) return next.value;
            state[ActorWord.returnValue] = next.value;
            return Op.done;
          },
        };
      };
    },
  };
}
