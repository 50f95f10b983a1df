import { describe, expect, it } from "vitest";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { CpuLine } from "../../src/link/wasm/names.ts";
import { FaultReason, Op } from "../../src/machine/ops.ts";
import {
  assign,
  binary,
  bodyOf,
  call,
  conditional,
  divide,
  fault,
  give,
  int,
  local,
  oneOperation,
  op,
  program,
  type RunningProgram,
  repeat,
  run,
  runLine,
  runScript,
  type SmallFunction,
  script,
  thisCpu,
  when,
} from "./wasm-harness.ts";

const least = -(2 ** 31);

/** The reason why a call of `f` stops, or what it gives. */
function outcome(running: RunningProgram, ...args: number[]): unknown {
  try {
    return running.entry("f")(...args);
  } catch (error) {
    const reason = running.faultOf(error);
    if (reason === null) throw error;
    return FaultReason[reason];
  }
}

describe("division", () => {
  const dividing = (code: Parameters<typeof divide>[0]): Promise<RunningProgram> =>
    run(
      program([
        { name: "f", parameters: 2, extra: 1, body: [divide(code, local(0), local(1), 2), give(local(2))] },
      ]),
    );

  it("truncates, and wraps where the quotient does not fit", async () => {
    const running = await dividing("divS");
    expect([7, -7, least, 5, least].map((x, i) => outcome(running, x, [2, 2, -1, -1, 1][i] ?? 0))).toEqual([
      3,
      -3,
      least,
      -5,
      least,
    ]);
    expect(outcome(await dividing("remS"), least, -1)).toBe(0);
    expect(outcome(await dividing("remS"), -7, 3)).toBe(-1);
  });

  it("takes u32 as unsigned", async () => {
    expect(outcome(await dividing("divU"), -1, 2)).toBe(0x7fffffff);
    expect(outcome(await dividing("remU"), -1, 10)).toBe(5);
  });

  for (const code of ["divS", "divU", "remS", "remU"] as const) {
    it(`${code} by zero is a fault, even where the result is unused`, async () => {
      expect(outcome(await dividing(code), 1, 0)).toBe("divideByZero");
      const unused = program([
        { name: "f", parameters: 2, extra: 1, body: [divide(code, local(0), local(1), 2), give(int(9))] },
      ]);
      expect(outcome(await run(unused), 1, 0)).toBe("divideByZero");
      const constant = program([
        { name: "f", parameters: 0, extra: 1, body: [divide(code, int(1), int(0), 0), give(int(9))] },
      ]);
      expect(outcome(await run(constant))).toBe("divideByZero");
    });
  }

  it("keeps the fault of a callee whose result is thrown away", async () => {
    const ir = program(
      [
        { name: "g", parameters: 1, extra: 1, body: [divide("divS", int(1), local(0), 1), give(local(1))] },
        { name: "f", parameters: 1, result: null, body: [call(0, [local(0)])] },
      ],
      { entries: ["f"] },
    );
    expect(outcome(await run(ir), 0)).toBe("divideByZero");
    expect(outcome(await run(ir), 1)).toBe(undefined);
  });
});

describe("faults", () => {
  it("tell their reason", async () => {
    const ir = program([
      { name: "f", parameters: 1, body: [when(local(0), [give(int(1))]), fault(FaultReason.noReturn)] },
    ]);
    const running = await run(ir);
    expect(outcome(running, 1)).toBe(1);
    expect(outcome(running, 0)).toBe("noReturn");
    expect(outcome(running, 1)).toBe(1);
  });

  it("are raised for misaligned atomics and addresses outside memory", async () => {
    const running = await run(oneOperation(Op.loadAcquire));
    expect(outcome(running, 258)).toBe("misaligned");
    expect(outcome(running, 0x7ffffff0)).toBe("outOfRange");
    expect(outcome(running, -4)).toBe("outOfRange");
  });

  it("with checks, are raised for every access to a misaligned address or to the null line", async () => {
    for (const code of [Op.load, Op.store, Op.fetchAdd, Op.compareExchange, Op.awaitEqual]) {
      const running = await run(oneOperation(code), { checks: true });
      expect([Op[code], outcome(running, 257), outcome(running, 60), outcome(running, 0)]).toEqual([
        Op[code],
        "misaligned",
        "outOfRange",
        "outOfRange",
      ]);
    }
  });
});

describe("expressions and control flow", () => {
  it("evaluates only the taken arm of a conditional", async () => {
    const far = script(binary("mul", local(0), int(0x10000000)));
    const ir = program([{ name: "f", parameters: 1, body: [give(conditional(local(0), far, int(7)))] }]);
    const running = await run(ir);
    expect(outcome(running, 0)).toBe(7);
    expect(outcome(running, 3)).toBe("outOfRange");
  });

  it("reads scripts at a constant and at a computed offset, and knows its CPU", async () => {
    const sum = binary("add", script(int(8)), script(binary("add", local(0), int(4))));
    const running = await run(
      program([
        { name: "f", parameters: 1, body: [give(sum)] },
        { name: "cpu", parameters: 0, body: [give(thisCpu)] },
      ]),
    );
    running.cells.set([10, 20, 30, 40, 50], runScript / 4);
    expect(outcome(running, 12)).toBe(30 + 50);
    expect(running.entry("cpu")()).toBe(5);
  });

  it("repeats, breaks and continues", async () => {
    const odd = binary("and", local(1), int(1));
    const body = [when(odd, [assign(2, binary("add", local(2), local(1)))])];
    const ir = program([
      { name: "f", parameters: 1, extra: 2, body: [...repeat(0, 1, local(0), body), give(local(2))] },
    ]);
    expect(outcome(await run(ir), 10)).toBe(1 + 3 + 5 + 7 + 9);
  });

  for (const [kind, values] of [
    ["dense", [3, 4, 6]],
    ["scattered", [least, -1, 2 ** 31 - 1]],
  ] as const) {
    it(`finds the case of a ${kind} switch, falls through and takes the default`, async () => {
      const [first, second, third] = values;
      const choose: SmallFunction["body"] = [
        {
          kind: "block",
          label: 3,
          body: [
            {
              kind: "block",
              label: 2,
              body: [
                {
                  kind: "block",
                  label: 1,
                  body: [
                    {
                      kind: "switch",
                      value: local(0),
                      cases: [
                        { value: first, label: 1 },
                        { value: second, label: 2 },
                        { value: third, label: 3 },
                      ],
                      default: 3,
                    },
                  ],
                },
                assign(1, binary("add", local(1), int(1))),
              ],
            },
            assign(1, binary("add", local(1), int(10))),
          ],
        },
        give(local(1)),
      ];
      const running = await run(program([{ name: "f", parameters: 1, extra: 1, body: choose }]));
      expect([first, second, third, 5, 0].map((value) => outcome(running, value))).toEqual([11, 10, 0, 0, 0]);
    });
  }

  it("copies small callees into their callers, waiting excepted", async () => {
    const twice = program(
      [
        {
          name: "inner",
          parameters: 1,
          extra: 1,
          body: [op(Op.fetchAdd, [local(0), int(1)], 1), give(local(1))],
        },
        {
          name: "outer",
          parameters: 1,
          extra: 1,
          body: [op(Op.awaitEqual, [local(0), int(0)]), call(0, [local(0)], 1), give(local(1))],
        },
        {
          name: "f",
          parameters: 1,
          extra: 2,
          body: [call(1, [local(0)], 1), call(1, [local(0)], 2), give(binary("add", local(1), local(2)))],
        },
      ],
      { entries: ["f"] },
    );
    const calls = (await bodyOf(twice, "f")).match(/\(call \S+/g);
    expect(calls).toEqual(["(call $refplay.awaitEqual", "(call $refplay.awaitEqual"]);
  });
});

describe("waiting and spinning", () => {
  it("goes on at once where the awaited condition holds, and forgets what it waited for", async () => {
    const running = await run(
      program([
        {
          name: "f",
          parameters: 1,
          result: null,
          body: [
            op(Op.awaitEqual, [local(0), int(0)]),
            op(Op.awaitNotEqual, [local(0), int(1)]),
            op(Op.awaitAtLeast, [local(0), int(-1)]),
          ],
        },
      ]),
    );
    running.entry("f")(256);
    expect(running.cells[(runLine + CpuLine.awaitAddress) / 4]).toBe(0);
  });

  it("compares counters that wrapped around", async () => {
    const running = await run(oneOperation(Op.awaitAtLeast));
    running.cells[64] = least + 3;
    running.entry("f")(256, 2 ** 31 - 2);
  });

  it("does the loop's work for short times, sleeps for long ones, and ignores times below zero", async () => {
    const running = await run(oneOperation(Op.spin));
    const sink = (runLine + CpuLine.sink) / 4;
    for (const ns of [-1, 0, least]) running.entry("f")(ns);
    expect(running.cells[sink]).toBe(0);
    // Two steps of x * 1664525 + 1013904223 from 0, at one iteration per microsecond.
    running.entry("f")(2_000);
    expect(running.cells[sink]).toBe((Math.imul(1_013_904_223, 1_664_525) + 1_013_904_223) | 0);
    const before = running.cells[sink];
    running.entry("f")(1_000_000);
    expect(running.cells[sink]).toBe(before);
  });
});

describe("the module", () => {
  it("takes evidence to the receivers it was given", async () => {
    const seen: number[][] = [];
    const running = await run(
      oneOperation(Op.mark),
      { evidence: true },
      {
        mark: (event, argument) => seen.push([event, argument]),
        allocated: () => undefined,
        freed: () => undefined,
      },
    );
    running.entry("f")(3, 4);
    expect(seen).toEqual([[3, 4]]);
  });

  it("lets the engine stall it before the accesses that the engine said, the first one to begin with", async () => {
    let asked = 0;
    const seen: number[] = [];
    const running = await run(
      oneOperation(Op.fetchAdd),
      { stalls: true },
      {
        stall: () => {
          seen.push(asked);
          return 3;
        },
      },
    );
    for (asked = 1; asked <= 10; asked++) running.entry("f")(4096, 1);
    expect(seen).toEqual([1, 4, 7, 10]);
    expect(running.cells[1024]).toBe(10);
  });

  it("counts accesses of those functions alone that it is told to", async () => {
    let calls = 0;
    const stall = (): number => {
      calls++;
      return 1;
    };
    for (const [name, expected] of [
      ["f", 3],
      ["g", 0],
    ] as const) {
      calls = 0;
      const stalls = (fn: { readonly name: string }): boolean => fn.name === name;
      const running = await run(oneOperation(Op.fetchAdd), { stalls }, { stall });
      for (let round = 0; round < 3; round++) running.entry("f")(4096, 1);
      expect(calls).toBe(expected);
    }
  });

  it("comes out the same twice", async () => {
    const ir = oneOperation(Op.compareExchange);
    expect((await buildWasm(ir)).binary).toEqual((await buildWasm(ir)).binary);
  });

  it("refuses memory limits that WebAssembly or our addresses cannot have", async () => {
    for (const memoryMaxPages of [0, 1.5, 32_768]) {
      await expect(buildWasm(oneOperation(Op.load), { memoryMaxPages })).rejects.toThrow("memoryMaxPages");
    }
  });
});
