import { describe, expect, it } from "vitest";
import type { IrExpr, IrFunction, IrProgram } from "../../src/link/ir.ts";
import { ActorWord, buildStepped, firstSlot } from "../../src/link/stepped/index.ts";
import { FaultReason, Op } from "../../src/machine/ops.ts";
import { add, bin, eq, int, lt, ne, ProgramBuilder } from "./ir-builder.ts";
import { agreedTrace, shapes, traceGenerators, traceStepped } from "./stepped-harness.ts";

/** Interpreter over hook over strategy: events of a script, each with calls three deep. */
function layered(): IrProgram {
  const b = new ProgramBuilder();
  const get = b.fn(
    "get",
    { label: "ptr" },
    "bool",
    (f, label) => {
      f.loop(() => {
        const count = f.op(Op.load, label as IrExpr);
        f.if(eq(count, 0), () => f.return(int(0, "bool")));
        const seen = f.op(Op.compareExchange, label as IrExpr, count, add(count, 1));
        f.if(eq(seen, count), () => f.return(int(1, "bool")));
      });
    },
    "kref",
  );
  const put = b.fn(
    "put",
    { label: "ptr" },
    "i32",
    (f, label) => {
      f.return(f.op(Op.fetchAdd, label as IrExpr, -1));
    },
    "kref",
  );
  const open = b.fn("open", { fd: "i32", label: "ptr" }, "i32", (f, fd, label) => {
    const got = f.call(get, label as IrExpr);
    f.if(eq(got, 0), () => f.return(-1));
    const slot = f.let("slot", add(bin("shl", fd as IrExpr, 3), 512));
    const before = f.op(Op.exchange, slot, label as IrExpr);
    f.if(ne(before, 0), () => {
      f.call(put, before);
    });
    f.return(0);
  });
  const main = b.fn("main", { rounds: "i32" }, "i32", (f, rounds) => {
    const total = f.let("total", 0);
    f.op(Op.store, 256, 1);
    f.times(rounds as IrExpr, (i) => {
      const result = f.call(open, bin("and", i, 3), int(256, "ptr"));
      f.set(total, add(total, add(result, i)));
    });
    f.return(total);
  });
  return b.build({ main, open });
}

describe("control flow", () => {
  it("loops, breaks and continues as written", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", {}, "i32", (f) => {
      const i = f.let("i", 0);
      const sum = f.let("sum", 0);
      f.loop((leave, again) => {
        f.set(i, add(i, 1));
        f.if(eq(bin("and", i, 1), 0), () => f.continue(again));
        f.if(bin("gtS", i, 9), () => f.break(leave));
        f.op(Op.mark, 1, i);
        f.set(sum, add(sum, i));
      });
      f.return(sum);
    });
    expect(agreedTrace(b.build({ main }))).toEqual(
      [1, 3, 5, 7, 9].map((i) => `mark 1 ${i}`).concat("done 25"),
    );
  });

  it("runs operations in a loop's condition again in every round", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", {}, null, (f) => {
      f.while(
        () => lt(f.op(Op.fetchAdd, 256, 1), 3),
        () => f.op(Op.mark, 1, 0),
      );
    });
    const lines = agreedTrace(b.build({ main }));
    expect(lines.filter((line) => line === "mark 1 0")).toHaveLength(3);
    expect(lines.at(-2)).toBe("fetchAdd 256 1 -> 3");
  });

  it("switches to the case or the default, from both arms of a branch", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", { x: "i32" }, "i32", (f, x) => {
      const r = f.let("r", 0);
      f.switch(
        x as IrExpr,
        new Map([
          [-1, () => f.set(r, 10)],
          [0, () => f.op(Op.mark, 1, 0)],
          [0x7fffffff, () => f.return(77)],
        ]),
        () => f.set(r, 99),
      );
      f.return(r);
    });
    const ir = b.build({ main });
    const ends = [-1, 0, 0x7fffffff, 5].map((x) => agreedTrace(ir, { args: [x] }).at(-1));
    expect(ends).toEqual(["done 10", "done 0", "done 77", "done 99"]);
  });

  it("a fault stops the actor for good", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", {}, "i32", (f) => {
      f.op(Op.mark, 1, 1);
      f.fault(FaultReason.outOfRange);
    });
    for (const [, options] of shapes) {
      const program = buildStepped(b.build({ main }), options);
      const state = new Int32Array(program.wordsPerActor);
      const step = program.instantiate(new Int32Array(4));
      program.start(state, 0, "main", [], { cpu: 0, scriptBase: 0 });
      expect(step(state, 0, 0)).toBe(Op.mark);
      for (let i = 0; i < 3; i++) {
        expect(step(state, 0, 0)).toBe(Op.fault);
        expect(state[ActorWord.operand0]).toBe(FaultReason.outOfRange);
      }
      expect(program.sites[state[ActorWord.pc] as number]?.op).toBe(Op.fault);
    }
  });

  it("falling off a function that returns a value is a fault", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", {}, "i32", (f) => f.op(Op.mark, 1, 1));
    expect(agreedTrace(b.build({ main }))).toEqual(["mark 1 1", `fault ${FaultReason.noReturn}`]);
  });

  it("an endless loop without operations ends as a fault instead of hanging the engine", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", {}, null, (f) => {
      const i = f.let("i", 0);
      f.loop(() => f.set(i, add(i, 1)));
    });
    expect(traceStepped(buildStepped(b.build({ main }))).lines).toEqual([`fault ${FaultReason.endlessLoop}`]);
  });

  it("a finished actor stays finished", () => {
    const program = buildStepped(layered());
    const state = new Int32Array(program.wordsPerActor);
    const step = program.instantiate(new Int32Array(4));
    program.start(state, 0, "main", [0], { cpu: 0, scriptBase: 0 });
    expect(step(state, 0, 0)).toBe(Op.store);
    expect([step(state, 0, 0), step(state, 0, 0)]).toEqual([Op.done, Op.done]);
  });
});

describe("calls", () => {
  it("mean the same inlined, kept and cut into pieces", () => {
    const lines = agreedTrace(layered(), { args: [9] });
    expect(lines.at(-1)).toBe("done 36");
    expect(lines.filter((line) => line.startsWith("compareExchange"))).toHaveLength(9);
  });

  it("begin every time with fresh locals", () => {
    const b = new ProgramBuilder();
    const fresh = b.fn("fresh", {}, "i32", (f) => {
      const never = f.local("never");
      f.op(Op.mark, 1, never);
      f.set(never, add(never, 5));
      f.op(Op.mark, 2, never);
      f.return(never);
    });
    const main = b.fn("main", {}, "i32", (f) => {
      f.times(2, () => f.call(fresh));
      f.return(f.call(fresh));
    });
    const lines = agreedTrace(b.build({ main }));
    expect(lines).toEqual(["mark 1 0", "mark 2 5", "mark 1 0", "mark 2 5", "mark 1 0", "mark 2 5", "done 5"]);
  });

  it("an entry can be called by another one", () => {
    const ir = layered();
    for (const [, options] of shapes) {
      const program = buildStepped(ir, options);
      expect(traceStepped(program, { entry: "open", args: [1, 256] }).lines).toEqual([
        "load 256 -> 0",
        "done -1",
      ]);
    }
  });

  it("arguments are evaluated before parameters change", () => {
    const b = new ProgramBuilder();
    const swapped = b.fn("swapped", { x: "i32", y: "i32" }, "i32", (f, x, y) => {
      f.op(Op.mark, x as IrExpr, y as IrExpr);
      f.set(x as IrExpr, add(x as IrExpr, 1));
      f.op(Op.mark, x as IrExpr, y as IrExpr);
      f.return(bin("sub", x as IrExpr, y as IrExpr));
    });
    const main = b.fn("main", { x: "i32", y: "i32" }, "i32", (f, x, y) => {
      const first = f.call(swapped, y as IrExpr, x as IrExpr);
      f.op(Op.mark, x as IrExpr, y as IrExpr);
      f.return(f.call(swapped, first, first));
    });
    const lines = agreedTrace(b.build({ main }), { args: [3, 8] });
    expect(lines).toEqual(["mark 8 3", "mark 9 3", "mark 3 8", "mark 6 6", "mark 7 6", "done 1"]);
  });

  it("every stop knows its chain of positions, inlined or not", () => {
    const chains = shapes.map(([, options]) => {
      const program = buildStepped(layered(), options);
      const seen: string[] = [];
      const atStop = (state: Int32Array, base: number, op: Op) => {
        if (op === Op.done) return;
        const chain = program.chain(state, base);
        const inStrategy = program.inStrategy(state, base);
        seen.push(`${chain.map((at) => `${at.function}:${at.line}`).join(" > ")} ${inStrategy}`);
        expect(program.sites[state[base] as number]?.op).toBe(op);
      };
      traceStepped(program, { args: [5], atStop });
      return seen;
    });
    expect(new Set(chains.map((seen) => seen.join("\n"))).size).toBe(1);
    expect(chains[0]?.[0]).toMatch(/^main:\d+ false$/);
    expect(chains[0]?.[1]).toMatch(/^main:\d+ > open:\d+ > get:\d+ true$/);
  });
});

describe("an actor's state", () => {
  it("can be copied in the middle of a run and goes on as if nothing had happened", () => {
    const ir = layered();
    const expected = traceGenerators(ir, { args: [6] }).lines;
    for (const [, options] of shapes) {
      const program = buildStepped(ir, options);
      const words = program.wordsPerActor;
      let copies = 0;
      const other = new Int32Array(words);
      const atStop = (state: Int32Array, base: number) => {
        // Move it away, spoil what stands there, and bring it back.
        other.set(state.subarray(base, base + words));
        state.fill(-1, base, base + words);
        state.set(other, base);
        copies++;
      };
      expect(traceStepped(program, { args: [6], atStop }).lines).toEqual(expected);
      expect(copies).toBe(expected.length);
    }
  });

  it("two copies of one actor part ways from where they were copied", () => {
    const program = buildStepped(layered());
    const words = program.wordsPerActor;
    const state = new Int32Array(words * 2);
    const step = program.instantiate(new Int32Array(4));
    program.start(state, 0, "main", [1], { cpu: 0, scriptBase: 0 });
    step(state, 0, 0);
    expect(step(state, 0, 0)).toBe(Op.load);
    state.copyWithin(words, 0, words);
    // The count that `get` reads: 0 makes it fail at once, 1 lets it try.
    expect(step(state, 0, 0)).toBe(Op.done);
    expect(step(state, words, 1)).toBe(Op.compareExchange);
    expect([...state.subarray(words + 1, words + 4)]).toEqual([256, 1, 2]);
  });

  it("words that are not live may be anything: clearing or spoiling them changes nothing", () => {
    const ir = layered();
    const expected = traceGenerators(ir, { args: [7] }).lines;
    for (const [, options] of shapes) {
      const program = buildStepped(ir, options);
      const normalise = (state: Int32Array, base: number) => program.normalise(state, base);
      expect(traceStepped(program, { args: [7], atStop: normalise }).lines).toEqual(expected);
      const spoil = (state: Int32Array, base: number, op: Op) => {
        if (op === Op.done) return;
        const live = new Set<number>();
        for (let pc = state[base] as number; ; ) {
          for (const word of program.liveWords(pc)) live.add(word);
          const word = program.returnWord(pc);
          if (word === 0) break;
          pc = state[base + word] as number;
        }
        for (let word = firstSlot; word < program.wordsPerActor; word++) {
          if (!live.has(word)) state[base + word] = -12345;
        }
      };
      expect(traceStepped(program, { args: [7], atStop: spoil }).lines).toEqual(expected);
    }
  });

  it("a local that is read no more is not live", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", { x: "i32" }, null, (f, x) => {
      const y = f.let("y", bin("mul", x as IrExpr, 3));
      f.op(Op.mark, 1, 0);
      f.op(Op.mark, y, 0);
      f.op(Op.mark, 3, 0);
    });
    const program = buildStepped(b.build({ main }));
    const live: number[] = [];
    const atStop = (state: Int32Array, base: number) => {
      live.push(program.liveWords(state[base] as number).length);
    };
    traceStepped(program, { args: [4], atStop });
    expect(live).toEqual([1, 0, 0, 0]);
  });

  it("locals that never live together share a word", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", {}, null, (f) => {
      for (let i = 0; i < 20; i++) {
        const value = f.op(Op.load, 256 + 4 * i);
        f.op(Op.mark, 1, 0);
        f.op(Op.mark, 2, value);
      }
    });
    expect(buildStepped(b.build({ main })).wordsPerActor).toBe(firstSlot + 1);
  });
});

describe("the size of generated functions", () => {
  function wide(statements: number): { ir: IrProgram; main: IrFunction } {
    const b = new ProgramBuilder();
    const main = b.fn("main", { x: "i32" }, "i32", (f, x) => {
      const sum = f.let("sum", 0);
      for (let i = 0; i < statements; i++) f.set(sum, add(bin("mul", sum, 3), add(x as IrExpr, i)));
      f.if(bin("gtS", sum, 0), () => {
        for (let i = 0; i < statements; i++) f.op(Op.mark, i, sum);
      });
      f.return(sum);
    });
    return { ir: b.build({ main }), main };
  }

  it("stays below the limit, whatever the limit", () => {
    for (const maxPieceCharacters of [600, 1000, 5000, 30_000]) {
      const program = buildStepped(wide(300).ir, { maxPieceCharacters });
      for (const piece of program.pieces) expect(piece.length).toBeLessThan(maxPieceCharacters);
      expect(traceStepped(program, { args: [1] }).lines).toEqual(
        traceGenerators(wide(300).ir, { args: [1] }).lines,
      );
    }
  });

  it("keeps a program that fits in one function in one", () => {
    expect(buildStepped(layered()).pieces).toHaveLength(1);
    expect(buildStepped(layered(), { maxPieceCharacters: 700 }).pieces.length).toBeGreaterThan(1);
  });

  it("refuses an expression that no split can make shorter", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", { x: "i32" }, "i32", (f, x) => {
      let sum: IrExpr = x as IrExpr;
      for (let i = 0; i < 100; i++) sum = bin("xor", add(sum, x as IrExpr), i);
      f.return(sum);
    });
    const ir = b.build({ main });
    expect(() => buildStepped(ir, { maxPieceCharacters: 600 })).toThrow("cannot be split further");
  });
});

describe("starting an actor", () => {
  it("names the entries there are when asked for another", () => {
    const program = buildStepped(layered());
    const state = new Int32Array(program.wordsPerActor);
    const actor = { cpu: 0, scriptBase: 0 };
    expect(() => program.start(state, 0, "run", [], actor)).toThrow("no entry 'run'; it has main, open");
    expect(() => program.start(state, 0, "main", [], actor)).toThrow("takes 1 arguments, not 0");
  });
});
