/** The progress of a run: what its line says, and that nothing of it stays behind or goes anywhere but a terminal. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { checkProgressView } from "../../src/cli/check-progress.ts";
import { announce, progressView, stepsProgressView } from "../../src/cli/progress.ts";
import { type ProgressState, progressLine, timeLeft } from "../../src/cli/progress-line.ts";
import type { RunProgress } from "../../src/runner/run-cells.ts";
import { keptTerminal as terminal } from "./support.ts";

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
    expect(timeLeft(60_000, 0.25)).toBe("3 min left");
    expect(timeLeft(3_000_000, 0.25)).toBe("2.5 h left");
    expect(timeLeft(1000, 0.25)).toBeUndefined();
    expect(timeLeft(60_000, 0)).toBeUndefined();
    expect(timeLeft(60_000, Number.NaN)).toBeUndefined();
    expect(progressLine({ ...state, before: 3, fraction: 0 }, 80)).toMatch(/\| simulating$/);
    expect(progressLine({ ...state, elapsedMs: 0 }, 80)).toMatch(/\| simulating$/);
  });

  it("fits narrow terminals: ids are cut in the middle, so that strategy and CPUs stay", () => {
    const long = { ...state, cell: "percpu-managed (v6.7)@192 passShare=0.25 threads" };
    const line = progressLine(long, 79);
    expect(line).toHaveLength(79);
    expect(line).toMatch(/ percpu-ma\S*….*0\.25 threads \| simulating \| 90 s left$/);
    expect(progressLine(long, 39)).toHaveLength(39);
  });
});

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

/** Milliseconds that the test decides. */
function handClock(): { clock(): number; pass(ms: number): void } {
  let at = 0;
  return {
    clock: () => at,
    pass(ms) {
      at += ms;
    },
  };
}

/** The lines that were drawn one over the other. */
function drawnIn(text: string): string[] {
  return text.split("\x1b[1G").map((line) => stripVTControlCharacters(line));
}

describe("the progress of benchmarks and predictions", () => {
  it("has percent, what is being done and the time left, within the terminal", () => {
    const { stream, text } = terminal(40);
    const { clock, pass } = handClock();
    const view = stepsProgressView(stream, clock);
    view.show("get+put: starting percpu-managed", 0);
    pass(30_000);
    view.show("open, close", 0.25);
    view.close();
    const lines = drawnIn(text());
    expect(lines[1]).toBe("░░░░░░░░░░░░░░░░ 0 % | get+put…-managed");
    expect(lines).toContain("████░░░░░░░░░░░░ 25 % | open…close | 90");
    for (const line of lines) expect(line.length).toBeLessThan(40);
    expect(text()).not.toContain("\x1b[?7");
  });
});

describe("the progress of checks", () => {
  const figures = { states: 123_456, frontier: 1234, transitions: 4_000_000, bytes: 45 * 2 ** 20 };

  it("has the checks done, the present one with its figures, and the time left as checks took before", () => {
    const { stream, text } = terminal();
    const { clock, pass } = handClock();
    const view = checkProgressView(stream, 8, "states", clock);
    view.begin(0, "ring");
    view.end();
    pass(30_000);
    view.begin(2, "ring");
    pass(1000);
    view.show({ ...figures, passes: 1 } as never);
    view.end();
    const lines = drawnIn(text());
    expect(lines[1]).toBe("░░░░░░░░ 0/8 | ring");
    expect(lines).toContain("██░░░░░░ 2/8 | ring | 90 s left");
    expect(lines).toContain("██░░░░░░ 2/8 | ring | 123k states, 1,234 open, 45 MiB, 4.00M/s | 93 s left");
  });

  it("leaves the last figures out before it cuts the name", () => {
    const { stream, text } = terminal();
    const { clock, pass } = handClock();
    const view = checkProgressView(stream, 8, "dpor", clock);
    view.begin(2, "open-vs-change-profile-task-creds");
    pass(31_000);
    view.show(figures as never);
    view.end();
    expect(drawnIn(text())).toContain(
      "██░░░░░░ 2/8 | open-vs-chang…le-task-creds | 123k runs, depth 1,234 | 93 s left",
    );
    for (const line of drawnIn(text())) expect(line.length).toBeLessThan(80);
  });
});
