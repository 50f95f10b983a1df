/** Picks who goes next from a seed, with few draws: one 32-bit draw serves up to four decisions. */
import seedrandom from "seedrandom";

/** Of 256: how often the last actor goes on without a draw among all; a seed picks one of them. */
const stickiness = [0, 0, 128, 224];

export class Chooser {
  private readonly draw: () => number;
  private readonly stay: number;
  private bits = 0;
  private left = 0;

  constructor(seed: string | number) {
    const random = seedrandom.alea(String(seed));
    this.draw = () => random.int32();
    // Long runs of one actor find other mistakes than a switch at every operation: seeds should differ in that, too.
    this.stay = stickiness[this.byte() & 3] as number;
  }

  private byte(): number {
    if (this.left === 0) {
      this.bits = this.draw();
      this.left = 4;
    }
    this.left--;
    const byte = this.bits & 255;
    this.bits >>>= 8;
    return byte;
  }

  /** An index below `count` (at most 256); `last` is the index that went last, or -1. */
  choose(count: number, last: number): number {
    if (count === 1) return 0;
    if (last >= 0 && this.stay > 0 && this.byte() < this.stay) return last;
    return (this.byte() * count) >> 8;
  }
}
