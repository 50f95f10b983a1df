/**
 * Which locals hold only what the actor brought along: entry arguments, constants, scripts, its CPU, and which way control
 * went. What an operation returned never reaches them, so together with the program counters they tell where in its
 * program an actor is (the round of a loop, the place in its script), whatever the other actors do.
 */
import type { IrExpr } from "../ir.ts";
import type { Flow, FlowGraph } from "./flow.ts";
import { eachLocal } from "./simplify.ts";

function reads(expr: IrExpr, base: number, tainted: Uint8Array): boolean {
  let found = false;
  eachLocal(expr, (local) => {
    if (tainted[base + local] === 1) found = true;
  });
  return found;
}

function carries({ source, base }: Flow, tainted: Uint8Array): boolean {
  switch (source.kind) {
    case "operation":
      return true;
    case "result":
      return tainted[source.node] === 1;
    case "divide":
      return reads(source.left, base, tainted) || reads(source.right, base, tainted);
    case "expression":
      return reads(source.value, base, tainted);
  }
}

/** By node: 1 where what an operation returned may arrive. */
export function taintedNodes(graph: FlowGraph): Uint8Array {
  const tainted = new Uint8Array(graph.nodes);
  for (let changed = true; changed; ) {
    changed = false;
    for (const flow of graph.flows) {
      if (tainted[flow.to] === 1 || !carries(flow, tainted)) continue;
      tainted[flow.to] = 1;
      changed = true;
    }
  }
  return tainted;
}
