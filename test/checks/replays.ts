/** Replays written by hand: what the machine would record, without a machine. */
import {
  type BufferEntry,
  type Replay,
  type ReplayStep,
  transitionStride,
} from "../../src/engines/check/types.ts";
import type { ChainFrame } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";

export function frame(file: string, line: number, name = "put"): ChainFrame {
  return {
    function: name,
    file,
    instance: file.startsWith("strategies/") ? "strategy" : null,
    line,
    column: 3,
  };
}

/** A step of `actor`; everything that a test does not care about is filled in. */
export function step(actor: number, op: Op, changes: Partial<ReplayStep> = {}): ReplayStep {
  const kind = changes.kind ?? "step";
  return {
    transition: actor * transitionStride + (kind === "flush" ? 1 : 0),
    actor,
    kind,
    op,
    operands: [],
    result: null,
    address: -1,
    before: null,
    after: null,
    chain: [frame("strategies/kref.ts", 40 + actor)],
    buffer: [],
    marks: [],
    ...changes,
  };
}

export function buffered(symbol: string, value: number): BufferEntry {
  return { what: "store", address: 4096, symbol, value, at: null };
}

/** Two actors under TSO: a look-up adds one to a count that another's put has just taken to 0. */
export function lookUpAfterLastPut(): Replay {
  const refs = { address: 8192, symbol: "label#1.refs" };
  const slot = { address: 4096, symbol: "slot" };
  return {
    steps: [
      step(0, Op.rcuReadLock, { chain: [frame("test/programs/check/label.ts", 30, "reader")] }),
      step(0, Op.load, { ...slot, operands: [4096], result: 8192 }),
      step(1, Op.store, { ...slot, operands: [4096, 0], buffer: [buffered("slot", 0)] }),
      step(1, Op.store, { ...slot, operands: [4096, 0], kind: "flush", before: 8192, after: 0 }),
      step(1, Op.fetchAdd, {
        ...refs,
        operands: [8192, -1],
        result: 1,
        before: 1,
        after: 0,
        marks: [{ event: 16, argument: 8192, symbol: "label#1.refs" }],
      }),
      step(0, Op.fetchAdd, {
        ...refs,
        operands: [8192, 1],
        result: 0,
        before: 0,
        after: 1,
        chain: [
          frame("test/programs/check/label.ts", 33, "reader"),
          frame("strategies/broken/kref-get-from-zero.ts", 13, "tryGet"),
        ],
      }),
    ],
    breach: {
      verdict: "premature-release",
      actor: 0,
      op: Op.fetchAdd,
      address: 8192,
      symbol: "label#1.refs",
      detail: "a reference was taken to label#1 after its release",
      chain: [
        frame("test/programs/check/label.ts", 33, "reader"),
        frame("strategies/broken/kref-get-from-zero.ts", 13, "tryGet"),
      ],
    },
    stuckAt: -1,
    unfinished: false,
  };
}

/** So many actors, each taking and dropping one reference, with private stores in between, and a leak at the end. */
export function pairs(actors: number, privateStores = 0): Replay {
  const steps: ReplayStep[] = [];
  for (let actor = 0; actor < actors; actor++) {
    const cell = { address: 8192, symbol: "label#1.refs" };
    steps.push(
      step(actor, Op.fetchAdd, { ...cell, operands: [8192, 1], result: 1, before: actor, after: actor + 1 }),
    );
    for (let i = 0; i < privateStores; i++) {
      const own = { address: 1024 + 64 * actor + 4 * i, symbol: `task#${actor + 1}.slots+${4 * i}` };
      steps.push(
        step(actor, Op.store, { ...own, operands: [own.address, i], buffer: [buffered(own.symbol, i)] }),
      );
    }
    steps.push(step(actor, Op.freed, { address: 8192, symbol: "label#1", operands: [8192] }));
  }
  return {
    steps,
    breach: {
      verdict: "leak",
      actor: -1,
      op: null,
      address: 8192,
      symbol: "label#1",
      detail: "label#1 is still there at the end",
      chain: [frame("test/programs/check/label.ts", 12, "boot")],
    },
    stuckAt: -1,
    unfinished: false,
  };
}
