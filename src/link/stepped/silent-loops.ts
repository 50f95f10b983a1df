/** Finds the jumps that close a loop in which no operation stops the actor: they must count their rounds. */
import type { Block } from "./blocks.ts";
import { jumpTargets } from "./blocks.ts";
import { jumpKey } from "./emit.ts";
import type { Layout } from "./layout.ts";

/** Jumps that close such a loop, as keys of `jumpKey`. A call counts as silent: the callee may contain no operation. */
export function silentLoops(layout: Layout): Set<string> {
  const found = new Set<string>();
  const byUnit = new Map<number, Layout["cases"][number][]>();
  for (const entry of layout.cases) {
    const list = byUnit.get(entry.unit.fn.id);
    if (list === undefined) byUnit.set(entry.unit.fn.id, [entry]);
    else list.push(entry);
  }
  for (const [id, cases] of byUnit) {
    const pcs = layout.pcs.get(id) as Int32Array;
    const byBlock = new Map(cases.map((entry) => [entry.block.index, entry]));
    const { unit } = cases[0] as Layout["cases"][number];

    /** Leaders that the text of a case leads to without an operation; for a call also the callee's pc. */
    const targets = (leader: Block): { block: Block; via: number }[] => {
      const out: { block: Block; via: number }[] = [];
      const inside = [leader];
      for (let at = inside.pop(); at !== undefined; at = inside.pop()) {
        if (at.end.kind === "call") {
          const alias = unit.alias[at.end.next.index] as number;
          const block = alias >= 0 ? (unit.blocks[alias] as Block) : at.end.next;
          out.push({ block, via: (layout.pcs.get(at.end.callee) as Int32Array)[0] as number });
        }
        for (const next of jumpTargets(at)) {
          if (unit.leader[next.index] === 1) out.push({ block: next, via: pcs[next.index] as number });
          else inside.push(next);
        }
      }
      return out;
    };

    // Every cycle contains an edge back to a case that is still open in a depth-first walk.
    const state = new Uint8Array(unit.blocks.length);
    for (const start of cases) {
      if (state[start.block.index] !== 0) continue;
      const path = [{ block: start.block, edges: targets(start.block) }];
      state[start.block.index] = 1;
      while (path.length > 0) {
        const top = path[path.length - 1] as (typeof path)[number];
        const edge = top.edges.pop();
        if (edge === undefined) {
          state[top.block.index] = 2;
          path.pop();
        } else if (state[edge.block.index] === 1) {
          found.add(jumpKey(unit, pcs[top.block.index] as number, edge.via));
        } else if (state[edge.block.index] === 0 && byBlock.has(edge.block.index)) {
          state[edge.block.index] = 1;
          path.push({ block: edge.block, edges: targets(edge.block) });
        }
      }
    }
  }
  return found;
}
