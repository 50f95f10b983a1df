/**
 * Where values go in a stepped program, without regard to order: from expressions, operations and calls into locals and
 * into what functions return. It looks at the blocks that code is generated from, so dead code is gone.
 */
import type { IrExpr } from "../ir.ts";
import type { Block, StraightStatement } from "./blocks.ts";
import type { BitSet, Liveness } from "./liveness.ts";
import type { Unit } from "./unit.ts";

/** One way in which a local, or a function's result, gets a value. */
export interface Flow {
  /** A node, see `FlowGraph`. */
  readonly to: number;
  /** First node of the function whose locals the expressions read. */
  readonly base: number;
  readonly source:
    | { readonly kind: "expression"; readonly value: IrExpr }
    | { readonly kind: "divide"; readonly left: IrExpr; readonly right: IrExpr }
    | { readonly kind: "operation" }
    /** What a function returned: its result's node. */
    | { readonly kind: "result"; readonly node: number };
}

export interface FlowGraph {
  /** Locals of all functions and one more node per function for its result. */
  readonly nodes: number;
  /** By function id: node of local 0; the others follow, the result's is behind them. */
  readonly base: ReadonlyMap<number, number>;
  readonly flows: readonly Flow[];
}

/** Node of what a function returns. */
export function resultNode(graph: Pick<FlowGraph, "base">, unit: Unit): number {
  return (graph.base.get(unit.fn.id) as number) + unit.fn.locals.length;
}

/** Calls `visit` with every statement, those within others included. */
export function eachStraight(
  code: readonly StraightStatement[],
  visit: (statement: StraightStatement) => void,
): void {
  for (const statement of code) {
    visit(statement);
    if (statement.kind !== "if") continue;
    eachStraight(statement.then as readonly StraightStatement[], visit);
    eachStraight(statement.else as readonly StraightStatement[], visit);
  }
}

/** All flows of a program. Arguments that a callee never reads are none. */
export function flowGraph(
  units: ReadonlyMap<number, Unit>,
  liveness: ReadonlyMap<number, Liveness>,
): FlowGraph {
  const base = new Map<number, number>();
  let nodes = 0;
  for (const { fn } of units.values()) {
    base.set(fn.id, nodes);
    nodes += fn.locals.length + 1;
  }
  const flows: Flow[] = [];
  for (const unit of units.values()) {
    const own = base.get(unit.fn.id) as number;
    const add = (local: number, source: Flow["source"]) => flows.push({ to: own + local, base: own, source });
    const straight = (block: Block): void =>
      eachStraight(block.code, (statement) => {
        if (statement.kind === "assign") add(statement.local, { kind: "expression", value: statement.value });
        else if (statement.kind === "divide") {
          add(statement.result, { kind: "divide", left: statement.left, right: statement.right });
        }
      });
    for (const block of unit.blocks) {
      const { resume, end } = block;
      if (resume !== null && resume.result !== null && resume.from === "op") {
        add(resume.result, { kind: "operation" });
      }
      straight(block);
      if (end.kind === "return" && end.value !== null) {
        flows.push({
          to: resultNode({ base }, unit),
          base: own,
          source: { kind: "expression", value: end.value },
        });
      } else if (end.kind === "call") {
        const callee = units.get(end.callee) as Unit;
        const arriving = liveness.get(end.callee)?.before[0] as BitSet;
        end.args.forEach((value, i) => {
          if (!arriving.has(i)) return;
          flows.push({
            to: (base.get(end.callee) as number) + i,
            base: own,
            source: { kind: "expression", value },
          });
        });
        const taken = end.next.resume?.result ?? null;
        if (taken !== null) add(taken, { kind: "result", node: resultNode({ base }, callee) });
      }
    }
  }
  return { nodes, base, flows };
}
