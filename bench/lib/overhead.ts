/**
 * What the script interpreter and the hooks cost: open and close through the whole kernel against the same gets and puts
 * called bare, interleaved.
 */
import { KernelSide } from "../../src/bench/kernel-side.ts";
import { LinkedSide } from "../../src/bench/linked-side.ts";
import { type Figures, figuresOf, type RoundOptions, runRounds } from "../../src/bench/rounds.ts";

export interface Overhead {
  readonly strategy: string;
  /** ns per open and close through the kernel at v6.6: two events, three gets, three puts. */
  readonly kernel: Figures;
  /** ns per three gets and three puts, called bare, of one label as in the kernel. */
  readonly bare: Figures;
  /** ns per event that the kernel adds, from best times. */
  readonly addedNs: number;
  readonly target: number;
}

/** Issue 2: "the script interpreter and hooks add at most 15 ns per event". */
const targetNs = 15;

export const overheadStrategies = ["none", "kref", "percpu-ref"] as const;

export async function measureOverhead(
  options: RoundOptions & { readonly pin: boolean },
): Promise<Overhead[]> {
  const found: Overhead[] = [];
  for (const strategy of overheadStrategies) {
    const kernel = await KernelSide.open(strategy, 66, 1, { pin: options.pin });
    const bare = await LinkedSide.open({ module: "pairs", strategy }, 1, { pin: options.pin });
    try {
      const entrants = [
        { side: kernel, name: "run" },
        { side: bare, name: "openClose" },
      ];
      const [times] = await runRounds([{ threads: 1, labels: 1, pin: options.pin, entrants }], options);
      const [ours, calls] = (times ?? []).map(figuresOf);
      if (ours === undefined || calls === undefined) throw new Error("a round without times");
      const addedNs = (ours.bestNs - calls.bestNs) / 2;
      found.push({ strategy, kernel: ours, bare: calls, addedNs, target: targetNs });
    } finally {
      await kernel.close();
      await bare.close();
    }
  }
  return found;
}
