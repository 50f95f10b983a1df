import { describe, expect, it } from "vitest";
import { type Contest, figuresOf, runRounds } from "../../src/bench/rounds.ts";
import type { Job, Side } from "../../src/bench/side.ts";

/** A side that takes the same time for every pair and notes what it was asked. */
class Metronome implements Side {
  readonly jobs: Job[] = [];
  constructor(
    private readonly nsPerPair: number,
    private readonly log: string[],
  ) {}
  async run(job: Job): Promise<number> {
    this.jobs.push(job);
    this.log.push(job.name);
    return job.pairs * this.nsPerPair;
  }
  async close(): Promise<void> {}
}

describe("figures of a series", () => {
  it("are the least, the first quartile, the middle, and the distance of the quartiles over the middle", () => {
    expect(figuresOf([4, 1, 3, 2, 5])).toEqual({
      bestNs: 1,
      quartileNs: 2,
      medianNs: 3,
      spread: 2 / 3,
      rounds: 5,
    });
  });
});

describe("interleaved rounds", () => {
  it("run every entrant once a round, in turns, and divide by the number of pairs", async () => {
    const log: string[] = [];
    const [ours, theirs] = [new Metronome(2, log), new Metronome(4, log)];
    const entrants = [
      { side: ours, name: "ours" },
      { side: theirs, name: "theirs" },
    ];
    const contest: Contest = { threads: 2, labels: 64, pin: true, entrants };
    const times = await runRounds([contest], { rounds: 3, runMs: 1 });
    expect(times).toEqual([
      [
        [2, 2, 2],
        [4, 4, 4],
      ],
    ]);
    expect(log.slice(-6)).toEqual(["ours", "theirs", "theirs", "ours", "ours", "theirs"]);
    // 1 ms of the slower one.
    expect(ours.jobs.at(-1)).toEqual({ name: "ours", threads: 2, labels: 64, pin: true, pairs: 250_000 });
  });
});
