/**
 * Liveness across real calls, for whoever compares states: an argument that the callee never reads and a result that no
 * caller reads do not count. The generated code goes by the plain liveness of each function, which is never less.
 */
import { analyse, type BitSet, type Interest, type Liveness, readsResult } from "./liveness.ts";
import type { Unit } from "./unit.ts";

/** Liveness of every function by id. `roots`: the entries, whose results are read from outside. */
export function neededLocals(
  units: ReadonlyMap<number, Unit>,
  roots: Iterable<number>,
): ReadonlyMap<number, Liveness> {
  const results = new Set(roots);
  const found = new Map<number, Liveness>();
  const interestOf = (id: number): Interest => ({
    argument: (callee, index) => (found.get(callee)?.before[0] as BitSet | undefined)?.has(index) === true,
    result: results.has(id),
  });
  // Callees have smaller ids: arguments are settled in one sweep, results take as many as calls are deep.
  const order = [...units.values()].sort((a, b) => a.fn.id - b.fn.id);
  for (let changed = true; changed; ) {
    changed = false;
    for (const unit of order) {
      const interest = interestOf(unit.fn.id);
      const liveness = analyse(unit.blocks, unit.fn.locals.length, interest);
      found.set(unit.fn.id, liveness);
      for (const { end } of unit.blocks) {
        if (end.kind !== "call" || results.has(end.callee)) continue;
        if (!readsResult(end.next, liveness, interest)) continue;
        results.add(end.callee);
        changed = true;
      }
    }
  }
  return found;
}
