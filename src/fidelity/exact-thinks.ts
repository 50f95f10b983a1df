/**
 * Takes the luck out of random think times: 500 of an exponential distribution have a mean that is 4 % off now and then, and an
 * efficiency is a quotient of two such.
 */
import { Event } from "../kernel/events.ts";
import { recordCells } from "../workloads/script.ts";
import { countEvents } from "../workloads/workload.ts";

/** The same scripts with each CPU's think times stretched by one factor, so that their mean is `meanNs`. */
export function withExactThinks(scripts: readonly Int32Array[], meanNs: number): Int32Array[] {
  return scripts.map((script) => {
    const { byEvent, thinkNs } = countEvents(script);
    const thinks = byEvent[Event.think] ?? 0;
    if (thinkNs === 0) return script;
    const stretched = script.slice();
    for (let at = 0; at < stretched.length; at += recordCells) {
      if (stretched[at] !== Event.think) continue;
      stretched[at + 1] = Math.round(((stretched[at + 1] as number) * meanNs * thinks) / thinkNs);
    }
    return stretched;
  });
}
