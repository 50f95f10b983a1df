/** What a CPU makes of looks at the cell with slow windows, with times of our own. */
import { describe, expect, it } from "vitest";
import { type CpuWindows, slowWindowsOf, WindowWatch } from "../../src/engines/threads/slow-windows.ts";

const address = 64;
const move = 1 << 16;

/** A watch, and what happens to the cell: windows that begin and end, batches that take 10 ns each. */
class Story {
  private readonly memory = new SharedArrayBuffer(128);
  private readonly cells = new Int32Array(this.memory);
  private readonly watch = new WindowWatch(this.memory, address);
  private now = 100;

  constructor() {
    this.watch.begin(this.now);
  }

  begin(): this {
    this.cells[address / 4] = (this.cells[address / 4] ?? 0) + move + 1;
    return this;
  }

  end(): this {
    this.cells[address / 4] = (this.cells[address / 4] ?? 0) + move - 1;
    return this;
  }

  batches(count: number): this {
    for (let batch = 0; batch < count; batch++) {
      this.now += 10;
      this.watch.batch(this.now);
    }
    return this;
  }

  get seen(): CpuWindows {
    return this.watch.take();
  }
}

describe("a batch", () => {
  it("is outside where no window is open", () => {
    expect(new Story().batches(3).seen).toMatchObject({ outsideBatches: 3, outsideNs: 30, openNs: 0 });
  });

  it("is mixed where one began, inside while it lasts, and mixed again where it ended", () => {
    const { seen } = new Story().batches(1).begin().batches(4).end().batches(2);
    expect(seen).toMatchObject({ outsideBatches: 2, mixedBatches: 2, insideBatches: 3, insideNs: 30 });
  });

  it("is mixed where a window began and ended unseen", () => {
    expect(new Story().begin().end().batches(1).seen).toMatchObject({ mixedBatches: 1, openNs: 0 });
  });

  it("is mixed where one window ended and another began", () => {
    const { seen } = new Story().begin().batches(2).end().begin().batches(1);
    expect(seen).toMatchObject({ insideBatches: 1, mixedBatches: 2 });
  });
});

describe("the time with a window open", () => {
  it("has half of the batches in which the first began and the last ended", () => {
    expect(new Story().begin().batches(3).end().batches(3).seen.openNs).toBe(5 + 20 + 5);
  });

  it("is longest from the first look that saw one to the first that saw none, however many overlapped", () => {
    const story = new Story().begin().batches(2).begin().batches(2).end().batches(1).end().batches(4);
    expect(story.seen.longestNs).toBe(50);
  });

  it("is counted up to the end of the run", () => {
    expect(new Story().begin().batches(5).seen.longestNs).toBe(40);
  });
});

describe("all CPUs together", () => {
  const quiet = new Story().batches(4).seen;

  it("say nothing where no window began or was open", () => {
    expect(slowWindowsOf(0, [quiet, quiet])).toBe(null);
    expect(slowWindowsOf(0, [])).toBe(null);
  });

  it("give speeds as parts of the speed overall", () => {
    const slow: CpuWindows = {
      insideBatches: 10,
      insideNs: 200,
      outsideBatches: 80,
      outsideNs: 400,
      mixedBatches: 10,
      mixedNs: 100,
      openNs: 250,
      longestNs: 120,
    };
    const together = slowWindowsOf(3, [slow, { ...slow, openNs: 100, longestNs: 130 }]);
    expect(together).toMatchObject({ windows: 3, longestNs: 130, share: 350 / 1400 });
    // Overall 100 batches in 700 ns.
    expect(together?.insideSpeed).toBeCloseTo(10 / 200 / (100 / 700));
    expect(together?.outsideSpeed).toBeCloseTo(80 / 400 / (100 / 700));
  });

  it("have no speed inside where windows were shorter than batches", () => {
    const seen = new Story().batches(1).begin().end().batches(1).seen;
    expect(slowWindowsOf(1, [seen])).toMatchObject({ windows: 1, insideSpeed: null, outsideSpeed: 1 });
  });
});
