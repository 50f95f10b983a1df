/** What strategies tell of labels that change between one counter and counters per CPU, for `audit`. */
import type { i32 } from "refplay/machine";
import { Audit } from "./audit.ts";
import { Counter } from "./core/counter-names.ts";
import { counted, countedMost } from "./core/counters.ts";

/** The counters of `Audit` that are about this; 0 for a number that is none. */
export function modeAudit(counter: i32): i32 {
  switch (counter) {
    case Audit.percpuLabels:
      return counted(Counter.toPercpu) - counted(Counter.toAtomic);
    case Audit.toPercpu:
      return counted(Counter.toPercpu);
    case Audit.toAtomic:
      return counted(Counter.toAtomic);
    case Audit.mostPercpuLabels:
      return countedMost(Counter.mostPercpu);
    case Audit.percpuRefused:
      return counted(Counter.percpuRefused);
    default:
      return 0;
  }
}
