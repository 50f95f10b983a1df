/**
 * What it buys that tasks count their own creds: open and close through the whole kernel with either way of counting,
 * interleaved. On several threads all share one cred.
 */
import { KernelSide } from "../../src/bench/kernel-side.ts";
import { type Figures, figuresOf, type RoundOptions, runRounds } from "../../src/bench/rounds.ts";

export interface CredsResult {
  readonly strategy: string;
  readonly threads: number;
  /** ns per open and close at v6.11. */
  readonly atomic: Figures;
  readonly inTasks: Figures;
  /** In tasks to atomic: best times, or first quartiles where threads contend. */
  readonly ratio: number;
}

/** `none` shows the cred alone, `kref` what is left to gain while the label is fought for. */
const settings = (["none", "kref"] as const).flatMap((strategy) =>
  [1, 2].map((threads) => ({ strategy, threads })),
);

export async function measureCreds(
  options: RoundOptions & { readonly pin: boolean },
): Promise<CredsResult[]> {
  const found: CredsResult[] = [];
  for (const { strategy, threads } of settings) {
    const open = (creds: number) =>
      KernelSide.open(strategy, 611, threads, { pin: options.pin, creds, threadsPerProcess: threads });
    const sides = [await open(0), await open(1)];
    try {
      const entrants = sides.map((side) => ({ side, name: "run" }));
      const [times] = await runRounds([{ threads, labels: 1, pin: options.pin, entrants }], options);
      const [atomic, inTasks] = (times ?? []).map(figuresOf);
      if (atomic === undefined || inTasks === undefined) throw new Error("a round without times");
      const ratio = threads === 1 ? inTasks.bestNs / atomic.bestNs : inTasks.quartileNs / atomic.quartileNs;
      found.push({ strategy, threads, atomic, inTasks, ratio });
    } finally {
      for (const side of sides) await side.close();
    }
  }
  return found;
}
