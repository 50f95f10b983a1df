import { describe, expect, it } from "vitest";
import type { IrBinaryOp, IrDivideOp, IrExpr } from "../../src/link/ir.ts";
import { FaultReason, Op } from "../../src/machine/ops.ts";
import { bin, choose, int, ProgramBuilder, script, thisCpu } from "./ir-builder.ts";
import { agreedTrace } from "./stepped-harness.ts";

const edges = [0, 1, -1, 2, 31, 32, 33, 65_535, 0x7fffffff, -0x80000000, -0x7fffffff, 0x55555555];

/** Reference results over BigInt, independent of JavaScript's own 32-bit operators. */
const meaning: Record<Exclude<IrBinaryOp, IrDivideOp>, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << (b & 31n),
  shrS: (a, b) => a >> (b & 31n),
  shrU: (a, b) => BigInt.asUintN(32, a) >> (b & 31n),
  eq: (a, b) => BigInt(a === b),
  ne: (a, b) => BigInt(a !== b),
  ltS: (a, b) => BigInt(a < b),
  leS: (a, b) => BigInt(a <= b),
  gtS: (a, b) => BigInt(a > b),
  geS: (a, b) => BigInt(a >= b),
  ltU: (a, b) => BigInt(BigInt.asUintN(32, a) < BigInt.asUintN(32, b)),
  leU: (a, b) => BigInt(BigInt.asUintN(32, a) <= BigInt.asUintN(32, b)),
  gtU: (a, b) => BigInt(BigInt.asUintN(32, a) > BigInt.asUintN(32, b)),
  geU: (a, b) => BigInt(BigInt.asUintN(32, a) >= BigInt.asUintN(32, b)),
};

const division: Record<IrDivideOp, (a: bigint, b: bigint) => bigint> = {
  divS: (a, b) => a / b,
  remS: (a, b) => a % b,
  divU: (a, b) => BigInt.asUintN(32, a) / BigInt.asUintN(32, b),
  remU: (a, b) => BigInt.asUintN(32, a) % BigInt.asUintN(32, b),
};

function wrapped(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** One program that marks `op` of all edges, given as constants on neither, either or both sides. */
function edgeTrace(
  write: (f: Parameters<Parameters<ProgramBuilder["fn"]>[3]>[0], a: IrExpr, b: IrExpr) => IrExpr,
) {
  const b = new ProgramBuilder();
  const main = b.fn("main", {}, null, (f) => {
    for (const left of edges) {
      for (const right of edges) {
        const x = f.let("x", int(left));
        const y = f.let("y", int(right));
        for (const [p, q] of [
          [x, y],
          [x, int(right)],
          [int(left), y],
          [int(left), int(right)],
        ] as const) {
          f.op(Op.mark, 1, write(f, p, q));
        }
      }
    }
  });
  return agreedTrace(b.build({ main }));
}

function expectEdges(lines: readonly string[], of: (a: bigint, b: bigint) => bigint): void {
  const expected = edges.flatMap((a) =>
    edges.flatMap((b) => Array<string>(4).fill(`mark 1 ${wrapped(of(BigInt(a), BigInt(b)))}`)),
  );
  expect(lines).toEqual([...expected, "done 0"]);
}

describe("operators at the borders of 32 bits", () => {
  for (const [op, of] of Object.entries(meaning)) {
    it(`${op} is exact`, () => {
      expectEdges(
        edgeTrace((_, a, b) => bin(op as IrBinaryOp, a, b)),
        of,
      );
    });
  }

  for (const [op, of] of Object.entries(division)) {
    it(`${op} is exact where the divisor is not zero`, () => {
      const lines = edgeTrace((f, a, b) => {
        const safe = f.let("safe", choose(bin("eq", b, 0), 1, b));
        return f.divide(op as IrDivideOp, a, safe);
      });
      expectEdges(lines, (a, b) => of(a, b === 0n ? 1n : b));
    });

    it(`${op} by zero is a fault, used or not, computed or constant`, () => {
      for (const divisor of ["local", "constant"] as const) {
        const b = new ProgramBuilder();
        const main = b.fn("main", {}, null, (f) => {
          const zero = f.let("zero", 0);
          f.op(Op.mark, 1, 1);
          f.divide(op as IrDivideOp, 7, divisor === "local" ? zero : 0);
          f.op(Op.mark, 1, 2);
        });
        expect(agreedTrace(b.build({ main }))).toEqual(["mark 1 1", `fault ${FaultReason.divideByZero}`]);
      }
    });
  }
});

describe("other expressions", () => {
  it("a comparison stored in a local is 0 or 1", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", { x: "i32" }, "bool", (f, x) => {
      const big = f.let("big", bin("gtS", x as IrExpr, 5));
      f.op(Op.mark, 1, big);
      f.return(bin("xor", big, 1));
    });
    expect(agreedTrace(b.build({ main }), { args: [6] })).toEqual(["mark 1 1", "done 0"]);
    expect(agreedTrace(b.build({ main }), { args: [5] })).toEqual(["mark 1 0", "done 1"]);
  });

  it("conditionals nest on either side and as conditions", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", { x: "i32" }, "i32", (f, x) => {
      const even = bin("eq", bin("and", x as IrExpr, 1), 0);
      const small = bin("ltU", x as IrExpr, 10);
      const both = choose(even, small, int(0, "bool"));
      const either = choose(even, int(1, "bool"), small);
      f.op(Op.mark, choose(both, 1, choose(either, 2, 3)), both);
      f.if(choose(small, even, bin("eq", x as IrExpr, 99)), () => f.return(1));
      f.return(0);
    });
    const run = (x: number) => agreedTrace(b.build({ main }), { args: [x] });
    expect(run(4)).toEqual(["mark 1 1", "done 1"]);
    expect(run(5)).toEqual(["mark 2 0", "done 0"]);
    expect(run(99)).toEqual(["mark 3 0", "done 1"]);
    expect(run(-2)).toEqual(["mark 2 0", "done 0"]);
  });

  it("the script is read from where the actor's own begins, and the CPU's number is known", () => {
    const b = new ProgramBuilder();
    const main = b.fn("main", { at: "i32" }, "i32", (f, at) => {
      f.op(Op.mark, script(at as IrExpr), thisCpu);
      f.return(script(4));
    });
    const options = { args: [8], cpu: 3, script: [10, 20, 30] };
    expect(agreedTrace(b.build({ main }), options)).toEqual(["mark 30 3", "done 20"]);
  });
});
