import { describe, expect, it } from "vitest";
import { type Threads, type ThreadsOptions, withThreads } from "../../src/engines/threads/threads.ts";
import { RefplayError } from "../../src/errors.ts";
import { buildWasm, type WasmOptions } from "../../src/link/wasm/index.ts";
import { Boot } from "../../src/machine/memory-map.ts";
import { FaultReason, Op } from "../../src/machine/ops.ts";
import {
  binary,
  fault,
  give,
  int,
  local,
  op,
  program,
  repeat,
  type SmallFunction,
  script,
  thisCpu,
  when,
} from "../link/wasm-harness.ts";

/** A cell in the heap of every program here. */
const cell = 4096;
const memoryBytes = 65_536;

const add: SmallFunction = {
  name: "add",
  parameters: 1,
  extra: 2,
  body: [...repeat(0, 1, local(0), [op(Op.fetchAdd, [int(cell), int(1)], 2)]), give(local(2))],
};

async function withProgram<T>(
  functions: readonly SmallFunction[],
  options: Partial<ThreadsOptions>,
  body: (threads: Threads) => Promise<T>,
  wasmOptions: WasmOptions = {},
): Promise<T> {
  const { binary: wasm } = await buildWasm(program(functions), wasmOptions);
  return withThreads({ wasm, cpus: 2, memoryBytes, ...options }, body);
}

/** The error that a run ends with. */
async function failure(run: Promise<unknown>): Promise<RefplayError> {
  const error = await run.then(
    () => new Error("the run did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof RefplayError) return error;
  throw error;
}

describe("calls on worker threads", () => {
  for (const cpus of [1, 2, 4]) {
    it(`lose no atomic addition of ${cpus} CPUs`, async () => {
      await withProgram([add], { cpus }, async (threads) => {
        const results = await threads.callAll("add", [20_000]);
        expect(threads.cells[cell / 4]).toBe(cpus * 20_000);
        // Whoever added last saw all others.
        expect(Math.max(...results.map((one) => one.value ?? 0))).toBe(cpus * 20_000 - 1);
      });
    });
  }

  it("exclude each other by a lock made of exchange, awaitEqual and storeRelease", async () => {
    const lock = cell + 64;
    const critical: SmallFunction = {
      name: "critical",
      parameters: 1,
      extra: 3,
      result: null,
      body: repeat(0, 1, local(0), [
        {
          kind: "block",
          label: 2,
          body: [
            {
              kind: "loop",
              label: 3,
              body: [
                op(Op.exchange, [int(lock), int(1)], 2),
                when(binary("eq", local(2), int(0)), [{ kind: "break", label: 2 }]),
                op(Op.awaitEqual, [int(lock), int(0)]),
              ],
            },
          ],
        },
        op(Op.load, [int(cell)], 3),
        op(Op.store, [int(cell), binary("add", local(3), int(1))]),
        op(Op.storeRelease, [int(lock), int(0)]),
      ]),
    };
    await withProgram([critical], { cpus: 3 }, async (threads) => {
      await threads.callAll("critical", [5_000]);
      expect(threads.cells[cell / 4]).toBe(15_000);
    });
  });

  it("pass a turn around, so every CPU runs and a sleeping one is woken", async () => {
    const turn: SmallFunction = {
      name: "turn",
      parameters: 2,
      extra: 2,
      result: null,
      // local 0: CPUs, local 1: rounds
      body: repeat(0, 2, local(1), [
        op(Op.awaitAtLeast, [int(cell), binary("add", binary("mul", local(2), local(0)), thisCpu)]),
        op(Op.load, [int(cell)], 3),
        op(Op.storeRelease, [int(cell), binary("add", local(3), int(1))]),
      ]),
    };
    await withProgram([turn], { cpus: 4 }, async (threads) => {
      await threads.callAll("turn", [4, 50]);
      expect(threads.cells[cell / 4]).toBe(200);
    });
  });

  it("tell each CPU its number and its script, and the boot block how many there are", async () => {
    const own: SmallFunction = {
      name: "own",
      parameters: 0,
      body: [give(binary("add", thisCpu, script(int(4))))],
    };
    const scripts = [0, 1, 2].map((cpu) => Int32Array.of(0, 100 * cpu, 0, 0));
    await withProgram([own], { cpus: 3, scripts }, async (threads) => {
      const results = await threads.callAll("own");
      expect(results.map((one) => one.value)).toEqual([0, 101, 202]);
      expect(threads.cells[Boot.cpus / 4]).toBe(3);
      expect(threads.cells[Boot.heapEnd / 4]).toBe(memoryBytes);
    });
  });

  it("make several calls in order, and start from zeroed memory after a reset", async () => {
    await withProgram([add], { cpus: 1 }, async (threads) => {
      expect((await threads.callMany(0, "add", [[1], [2], [1]])).values).toEqual([0, 2, 3]);
      threads.reset();
      expect((await threads.callOne(0, "add", [1])).value).toBe(0);
      expect(threads.cells[Boot.cpus / 4]).toBe(1);
    });
  });

  it("know which entries there are", async () => {
    await withProgram([add], {}, async (threads) => {
      expect([threads.has("add"), threads.has("subtract")]).toEqual([true, false]);
    });
  });

  it("run with more CPUs than processors, and say so", async () => {
    await withProgram([add], { cpus: 1 }, async (threads) => expect(threads.oversubscribed).toBe(false));
    const { availableParallelism } = await import("node:os");
    await withProgram([add], { cpus: availableParallelism() + 1 }, async (threads) => {
      expect(threads.oversubscribed).toBe(true);
      await threads.callAll("add", [10]);
      expect(threads.cells[cell / 4]).toBe(10 * threads.cpus);
    });
  });

  it("pin or say why not, and work either way", async () => {
    await withProgram([add], { pin: true }, async (threads) => {
      await threads.callAll("add", [10]);
      expect(threads.cells[cell / 4]).toBe(20);
      for (const note of threads.notes) expect(note).toMatch(/^threads are not pinned: /);
    });
  });

  it("show a clock that goes on", async () => {
    const now: SmallFunction = {
      name: "now",
      parameters: 0,
      extra: 1,
      body: [op(Op.now, [], 0), give(local(0))],
    };
    const later: SmallFunction = {
      name: "later",
      parameters: 1,
      extra: 1,
      result: null,
      body: [op(Op.awaitNotEqual, [int(Boot.tick), local(0)])],
    };
    await withProgram([now, later], { cpus: 1 }, async (threads) => {
      const first = (await threads.callOne(0, "now")).value ?? 0;
      await threads.callOne(0, "later", [first]);
      expect((await threads.callOne(0, "now")).value).not.toBe(first);
    });
  });
});

describe("a worker that does not come back", () => {
  const die: SmallFunction = {
    name: "die",
    parameters: 1,
    result: null,
    body: [when(binary("eq", thisCpu, local(0)), [fault(FaultReason.noReturn)])],
  };
  const wait: SmallFunction = {
    name: "wait",
    parameters: 1,
    result: null,
    body: [when(binary("eq", thisCpu, local(0)), [op(Op.awaitEqual, [int(cell), int(7)])])],
  };

  it("ends the run when it traps, naming CPU, entry and reason", async () => {
    const error = await failure(withProgram([die], {}, (threads) => threads.callAll("die", [1])));
    expect(error.code).toBe("worker-died");
    expect(error.message).toMatch(/^CPU 1 died in die\(1\): noReturn/);
  });

  it("ends calls that wait for it on other CPUs, and refuses later ones", async () => {
    await withProgram([die, wait], {}, async (threads) => {
      const waiting = failure(threads.callOne(0, "wait", [0]));
      const dying = failure(threads.callOne(1, "die", [1]));
      expect([(await waiting).code, (await dying).code]).toEqual(["worker-died", "worker-died"]);
      expect((await failure(threads.callOne(0, "wait", [1]))).code).toBe("worker-died");
    });
  });

  it("ends the run when it waits for ever, naming what it waits for", async () => {
    const error = await failure(
      withProgram([wait], { hangTimeoutMs: 1000 }, (threads) => threads.callAll("wait", [1])),
    );
    expect(error.code).toBe("worker-hung");
    expect(error.message).toContain("CPU 1 in wait(1), in awaitEqual(4096, 7) while the cell holds 0");
  });

  it("ends the run when it loops for ever without waiting", async () => {
    const loop: SmallFunction = {
      name: "loop",
      parameters: 0,
      result: null,
      body: [{ kind: "loop", label: 0, body: [] }],
    };
    const error = await failure(
      withProgram([loop], { cpus: 1, hangTimeoutMs: 1000 }, (threads) => threads.callOne(0, "loop")),
    );
    expect([error.code, error.message]).toEqual(["worker-hung", "no sign of life for 1 s: CPU 0 in loop()"]);
  });

  it("is stopped by an abort signal, before or during a call", async () => {
    const signal = AbortSignal.abort();
    expect(
      (await failure(withProgram([wait], { signal }, (threads) => threads.callAll("wait", [0])))).code,
    ).toBe("interrupted");
    const controller = new AbortController();
    const during = withProgram([wait], { signal: controller.signal }, async (threads) => {
      const call = threads.callAll("wait", [0]);
      controller.abort();
      return call;
    });
    expect((await failure(during)).code).toBe("interrupted");
  });
});

describe("the memory of a machine", () => {
  it("must stay below 2 GiB", async () => {
    const error = await failure(withProgram([add], { memoryBytes: 2 ** 31 - 65_536 }, async () => undefined));
    expect(error.code).toBe("memory-too-large");
  });
});
