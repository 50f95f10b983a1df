/** The progress of a run: what its line says, and that nothing of it stays behind or goes anywhere but a terminal. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { announce, progressView } from "../../src/cli/progress.ts";
import { type ProgressState, progressLine, timeLeft } from "../../src/cli/progress-line.ts";
import type { RunProgress } from "../../src/runner/run-cells.ts";

const state: ProgressState = {
  done: 3,
  total: 8,
  fraction: 0.5,
  cell: "kref@96 sim",
  doing: "simulating",
  elapsedMs: 30_000,
  before: 2,
};

describe("the progress line", () => {
  it("has what is done, what is being done, and the time left as this run has gone so far", () => {
    // One and a half cells in 30 s; four and a half to go.
    expect(progressLine(state, 80)).toBe("███████░░░░░░░░░ 3/8 cells | kref@96 sim | simulating | 90 s left");
  });

  it("tells time in the unit that fits, and none before anything is known", () => {
    expect(timeLeft({ ...state, elapsedMs: 60_000 })).toBe("3 min");
    expect(timeLeft({ ...state, elapsedMs: 3_000_000 })).toBe("2.5 h");
    expect(timeLeft({ ...state, elapsedMs: 1000 })).toBeUndefined();
    expect(timeLeft({ ...state, before: 3, fraction: 0 })).toBeUndefined();
    expect(progressLine({ ...state, elapsedMs: 0 }, 80)).toMatch(/\| simulating$/);
  });

  it("fits narrow terminals: ids are cut in the middle, so that strategy and CPUs stay", () => {
    const long = { ...state, cell: "percpu-managed (v6.7)@192 passShare=0.25 threads" };
    const line = progressLine(long, 80);
    expect(line).toHaveLength(79);
    expect(line).toMatch(/ percpu-ma\S*….*0\.25 threads \| simulating \| 90 s left$/);
    expect(progressLine(long, 40)).toHaveLength(39);
  });
});

/** A terminal that keeps what is written to it. */
function terminal(): { stream: NodeJS.WriteStream; text(): string } {
  let text = "";
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  const controls = { cursorTo: "<start>", clearLine: "<clear>", moveCursor: "", clearScreenDown: "" };
  for (const [name, shown] of Object.entries(controls))
    Object.assign(stream, {
      [name]: () => {
        text += shown;
        return true;
      },
    });
  Object.assign(stream, {
    isTTY: true,
    columns: 80,
    write: (part: string) => {
      text += part;
      return true;
    },
  });
  return { stream, text: () => text };
}

describe("the progress of a run on a terminal", () => {
  const progress = {
    cell: { id: "kref@2" },
    doing: "counted run",
    fraction: 0,
    done: 0,
    total: 2,
  } as RunProgress;

  it("is drawn, and cleared at the end, without changing how the terminal wraps lines", () => {
    const { stream, text } = terminal();
    const view = progressView(stream);
    view.show(progress);
    expect(text()).toContain("0/2 cells | kref@2 | counted run");
    view.close();
    expect(text().endsWith("\x1b[1G\x1b[2K")).toBe(true);
    expect(text()).not.toContain("\x1b[?7");
  });

  it("says what is done before, and takes it away", () => {
    const { stream, text } = terminal();
    announce(stream, "Linking ...")();
    expect(text()).toBe("Linking ...<start><clear>");
    announce(undefined, "Linking ...")();
  });
});
