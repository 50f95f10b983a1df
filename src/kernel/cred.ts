/**
 * Credentials: who a task acts as (struct cred, kernel/cred.c). Immutable once a task has them, shared by the threads of a
 * process and by every file that they opened. How they are counted is in `cred-count.ts`: with one atomic counter it depends on
 * `threadsPerProcess` how many CPUs fight for its line, whatever the label's strategy does.
 */
import { type i32, load, type ptr } from "refplay/machine";
import { verify } from "./core/areas.ts";
import { violation } from "./core/evidence.ts";
import { heapAlloc, heapFree } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { Verdict } from "./core/marks.ts";
import { Cred, credInit } from "./cred-count.ts";
import { emptyHolder, labelPut, ownLabel } from "./reference.ts";
import { holderBytes } from "./settings.ts";

const credBytes: i32 = Cred.label + holderBytes;

/**
 * A cred for one task to bear, with an empty label holder, which the caller fills before others see it; or 0. Where it finds no
 * task, `credLeave` ends it.
 */
export function credAlloc(cpu: i32): ptr {
  const cred: ptr = heapAlloc(cpu, Kind.cred, credBytes);
  if (cred === 0) return 0;
  credInit(cred);
  emptyHolder(cred + Cred.label);
  return cred;
}

/** The grace period after the last put is over (put_cred_rcu). */
export function credFree(cpu: i32, cred: ptr): void {
  if (verify) {
    // Not 0: somebody counted on a cred that had died.
    const usage: i32 = load(cred + Cred.usage);
    if (usage !== 0) violation(cpu, Verdict.assertion, cred);
  }
  const label: ptr = ownLabel(cred + Cred.label);
  if (label !== 0) labelPut(cpu, cred + Cred.label, label);
  heapFree(cpu, cred);
}

/** The label of a cred that the caller keeps alive: a plain read, for it never changes. */
export function credLabel(cred: ptr): ptr {
  return ownLabel(cred + Cred.label);
}
