import { describe, expect, it } from "vitest";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { tierHintsSection } from "../../src/link/wasm/tier-hints.ts";
import { Op, opTable } from "../../src/machine/ops.ts";
import { assign, binary, bodyOf, give, int, local, oneOperation, op, program } from "./wasm-harness.ts";

const [a, b, c] = ["(local.get $0)", "(local.get $1)", "(local.get $2)"];

/** What a function that does nothing but this operation on its parameters becomes, on x86-64. */
const tso: Partial<Record<keyof typeof Op, string>> = {
  load: `(i32.atomic.load ${a})`,
  loadAcquire: `(i32.atomic.load ${a})`,
  store: `(i32.store ${a} ${b})`,
  storeRelease: `(i32.store ${a} ${b})`,
  fetchAdd: `(i32.atomic.rmw.add ${a} ${b})`,
  fetchAnd: `(i32.atomic.rmw.and ${a} ${b})`,
  fetchOr: `(i32.atomic.rmw.or ${a} ${b})`,
  exchange: `(i32.atomic.rmw.xchg ${a} ${b})`,
  compareExchange: `(i32.atomic.rmw.cmpxchg ${a} ${b} ${c})`,
  fence: "(drop (i32.atomic.rmw.xchg (global.get $fenceAddress) (i32.const 0)))",
  loadFence: "(nop)",
  storeFence: "(nop)",
  awaitEqual: `(if (i32.ne ${b} (i32.atomic.load ${a})) (then (call $refplay.awaitEqual ${a} ${b})))`,
  awaitNotEqual: `(if (i32.eq ${b} (i32.atomic.load ${a})) (then (call $refplay.awaitNotEqual ${a} ${b})))`,
  awaitAtLeast: `(if (i32.lt_s (i32.sub (i32.atomic.load ${a}) ${b}) (i32.const 0)) (then (call $refplay.awaitAtLeast ${a} ${b})))`,
  rcuReadLock: "(nop)",
  rcuReadUnlock: "(nop)",
  allocated: "(nop)",
  freed: "(nop)",
  mark: "(nop)",
  now: "(i32.atomic.load (i32.const 128))",
  rcuTake: "(unreachable)",
  spin: `(call $refplay.spin ${a})`,
};

/** `load` on an engine that is known to leave plain loads alone. */
const plainLoad = `(i32.load ${a})`;

/** Operations that are functions of the program in a compiled build. */
const lowered = [Op.callRcu, Op.synchronizeRcu, Op.quiescent, Op.work];

describe("every operation of the machine as WebAssembly", () => {
  it("covers the whole instruction set", () => {
    const covered = [...Object.keys(tso), ...lowered.map((code) => Op[code])];
    expect(covered.sort()).toEqual(opTable.map((info) => info.name).sort());
  });

  for (const [name, expected] of Object.entries(tso)) {
    it(`${name} is exactly its instruction`, async () => {
      expect(await bodyOf(oneOperation(Op[name as keyof typeof Op]), "f")).toBe(expected);
    });
  }

  it("orders stores and loads by stronger instructions where the processor does not", async () => {
    const options = { ordering: "weak" } as const;
    expect(await bodyOf(oneOperation(Op.storeRelease), "f", options)).toBe(`(i32.atomic.store ${a} ${b})`);
    expect(await bodyOf(oneOperation(Op.load), "f", options)).toBe(tso.load);
    expect(await bodyOf(oneOperation(Op.store), "f", options)).toBe(tso.store);
    expect(await bodyOf(oneOperation(Op.loadFence), "f", options)).toBe(tso.fence);
    expect(await bodyOf(oneOperation(Op.storeFence), "f", options)).toBe(tso.fence);
  });

  it("loads plainly only where asked for, and not where the processor would reorder that", async () => {
    const load = oneOperation(Op.load);
    expect(await bodyOf(load, "f", { loads: "plain" })).toBe(plainLoad);
    expect(await bodyOf(oneOperation(Op.loadAcquire), "f", { loads: "plain" })).toBe(tso.loadAcquire);
    await expect(bodyOf(load, "f", { loads: "plain", ordering: "weak" })).rejects.toThrow("tso");
  });

  it("calls a function of its own for fetchAdd where that is to stay with the baseline compiler", async () => {
    const options = { fetchAdd: "baseline" } as const;
    const ir = oneOperation(Op.fetchAdd);
    expect(await bodyOf(ir, "f", options)).toBe(`(call $refplay.fetchAdd ${a} ${b})`);
    const { binary, text } = await buildWasm(ir, { ...options, text: true });
    expect(text).toMatch(
      /refplay\.fetchAdd \(param \$0 i32\) \(param \$1 i32\) \(result i32\)\s+\(i32\.atomic\.rmw\.add/,
    );
    const [hints] = WebAssembly.Module.customSections(new WebAssembly.Module(binary), tierHintsSection);
    const names = [...(text ?? "").matchAll(/\n \(func \$([^\s)]+)/g)].map((match) => match[1]);
    const expected = names.map((name) => (name === "refplay.fetchAdd" ? 0x14 : 0x28));
    expect([...new Uint8Array(hints ?? new ArrayBuffer(0))]).toEqual([names.length, ...expected]);
  });

  it("hands evidence to imported functions where asked for", async () => {
    const options = { evidence: true };
    expect(await bodyOf(oneOperation(Op.mark), "f", options)).toBe(`(call $mark ${a} ${b})`);
    expect(await bodyOf(oneOperation(Op.allocated), "f", options)).toBe(`(call $allocated ${a} ${b} ${c})`);
    expect(await bodyOf(oneOperation(Op.freed), "f", options)).toBe(`(call $freed ${a})`);
  });

  it("refuses misaligned addresses and the null line with checks", async () => {
    const refuse = (reason: number): string =>
      `(then (global.set $faultReason (i32.const ${reason})) (unreachable))`;
    expect(await bodyOf(oneOperation(Op.store), "f", { checks: true })).toBe(
      `(if (i32.and ${a} (i32.const 3)) ${refuse(2)}) (if (i32.lt_u ${a} (i32.const 64)) ${refuse(3)}) ${tso.store}`,
    );
  });

  for (const code of lowered) {
    it(`${Op[code]} becomes the function that the program names for it`, async () => {
      const count = opTable.find((info) => info.op === code)?.operands.length ?? 0;
      const touch = [op(Op.fetchAdd, [int(256), count > 0 ? local(0) : int(1)])];
      const ir = program(
        [
          { name: "lowering", parameters: count, result: null, body: touch },
          {
            name: "f",
            parameters: count,
            result: null,
            body: [op(code, [local(0), local(1)].slice(0, count))],
          },
        ],
        { lowerings: new Map([[code, 0]]), entries: ["f"] },
      );
      expect(await bodyOf(ir, "f")).toBe(
        `(drop (i32.atomic.rmw.add (i32.const 256) ${count > 0 ? a : "(i32.const 1)"}))`,
      );
    });

    it(`${Op[code]} vanishes where the program lowers it to nothing, and is a defect where it says nothing`, async () => {
      expect(await bodyOf(oneOperation(code, { lowerings: new Map([[code, null]]) }), "f")).toBe("(nop)");
      await expect(bodyOf(oneOperation(code), "f")).rejects.toThrow(`f uses ${Op[code]}`);
    });
  }
});

describe.each(["atomic", "plain"] as const)("what the optimiser may not do where loads are %s", (loads) => {
  const options = { loads };
  const loaded = (address: string): string =>
    loads === "plain" ? `(i32.load ${address})` : `(i32.atomic.load ${address})`;

  it("merge two loads of one cell", async () => {
    const ir = program([
      {
        name: "f",
        parameters: 1,
        extra: 2,
        body: [
          op(Op.load, [local(0)], 1),
          op(Op.load, [local(0)], 2),
          give(binary("sub", local(1), local(2))),
        ],
      },
    ]);
    expect(await bodyOf(ir, "f", options)).toBe(`(i32.sub ${loaded(a)} ${loaded(a)})`);
  });

  it("drop a load whose result is unused", async () => {
    const ir = program([{ name: "f", parameters: 1, result: null, body: [op(Op.load, [local(0)])] }]);
    expect(await bodyOf(ir, "f", options)).toBe(`(drop ${loaded(a)})`);
  });

  it("drop the first of two stores to one cell", async () => {
    const store = op(Op.store, [local(0), local(1)]);
    const ir = program([{ name: "f", parameters: 2, result: null, body: [store, store] }]);
    expect(await bodyOf(ir, "f", options)).toBe(`(i32.store ${a} ${b}) (i32.store ${a} ${b})`);
  });

  it("answer a load from the store before it", async () => {
    const ir = program([
      {
        name: "f",
        parameters: 2,
        extra: 1,
        body: [op(Op.store, [local(0), local(1)]), op(Op.load, [local(0)], 2), give(local(2))],
      },
    ]);
    expect(await bodyOf(ir, "f", options)).toBe(`(i32.store ${a} ${b}) ${loaded(a)}`);
  });

  for (const code of [Op.fetchAdd, Op.fetchAnd, Op.fetchOr, Op.exchange, Op.compareExchange]) {
    it(`turn ${Op[code]} with an unused result into anything weaker`, async () => {
      const args = [local(0), local(1), local(2)].slice(0, code === Op.compareExchange ? 3 : 2);
      const ir = program([{ name: "f", parameters: 3, result: null, body: [op(code, args)] }]);
      expect(await bodyOf(ir, "f", options)).toBe(`(drop ${tso[Op[code] as keyof typeof Op]})`);
    });
  }

  it("drop a read-modify-write that changes nothing", async () => {
    const ir = program([
      { name: "f", parameters: 1, result: null, body: [op(Op.fetchAdd, [local(0), int(0)])] },
    ]);
    expect(await bodyOf(ir, "f", options)).toBe(`(drop (i32.atomic.rmw.add ${a} (i32.const 0)))`);
  });

  it("drop a fence between a store and a load, or move either across it", async () => {
    const ir = program([
      {
        name: "f",
        parameters: 2,
        extra: 1,
        body: [
          op(Op.store, [local(0), int(1)]),
          op(Op.fence, []),
          op(Op.load, [local(1)], 2),
          assign(2, binary("add", local(2), int(1))),
          give(local(2)),
        ],
      },
    ]);
    expect(await bodyOf(ir, "f", options)).toBe(
      `(i32.store ${a} (i32.const 1)) ${tso.fence} (i32.add ${loaded(b)} (i32.const 1))`,
    );
  });
});
