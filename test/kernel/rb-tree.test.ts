/**
 * The red-black tree against a plain model, through all small trees, at every single store, and beside readers; the compiled
 * build does the same as the stepped one.
 */
import { describe, expect, it } from "vitest";
import {
  type ActorSpec,
  createDirect,
  type Direct,
  ReferenceEngine,
} from "../../src/engines/reference/index.ts";
import { hostWasmOptions } from "../../src/engines/threads/compile.ts";
import { type Threads, withThreads } from "../../src/engines/threads/index.ts";
import { Verdict } from "../../src/kernel/core/marks.ts";
import { RbFault } from "../../src/kernel/core/rb-check.ts";
import { RbColour, RbNode } from "../../src/kernel/core/rb-tree.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { ActorWord, buildStepped, type Step } from "../../src/link/stepped/index.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { Op, opByCode } from "../../src/machine/ops.ts";
import { explain } from "../conformance/schedules.ts";
import { markedVerdicts } from "../conformance/support.ts";
import { Rng } from "../fuzz/random.ts";

const module = `${packageRoot}/test/programs/rb-tree.ts`;
const memoryBytes = 1 << 18;
const slotBytes = 64;

const ir = linkProgram({ module, entries: "all", strategies: [], options: {} }, nodeHost(packageRoot));
const program = buildStepped(ir);

function tree(slots: number): Direct {
  const machine = createDirect(program, { memoryWords: memoryBytes / 4, stepLimit: 1e9 });
  machine.call("boot", [slots]);
  return machine;
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

describe("a history of changes", () => {
  /** Slots by key, as the tree must have them. */
  function slotsInOrder(model: ReadonlyMap<number, number>): number[] {
    return [...model].sort(([a], [b]) => a - b).map(([, slot]) => slot);
  }

  function walked(machine: Direct): number[] {
    const slots: number[] = [];
    for (let slot = machine.call("first"); slot !== -1; slot = machine.call("next", [slot])) slots.push(slot);
    return slots;
  }

  it.each([
    { seed: "few keys", slots: 6, spread: 8, changes: 1500 },
    { seed: "some keys", slots: 40, spread: 60, changes: 2500 },
    { seed: "many keys", slots: 250, spread: 2000, changes: 2000 },
  ])("of $seed leaves what a map has, and a tree after every one", ({ seed, slots, spread, changes }) => {
    const machine = tree(slots);
    const rng = new Rng(seed);
    const model = new Map<number, number>();
    const free = Array.from({ length: slots }, (_, slot) => slot);
    const takeFree = (): number => free.splice(rng.below(free.length), 1)[0] as number;
    for (let change = 0; change < changes; change++) {
      // Fills for a while, then empties, so that both ends are reached.
      const growing = Math.floor(change / (slots * 4)) % 2 === 0;
      const kind = rng.chance(0.2) ? "replace" : rng.chance(growing ? 0.75 : 0.25) ? "insert" : "erase";
      const known = [...model.keys()];
      if (kind === "insert" && free.length > 0) {
        const key = rng.below(spread) - spread / 2;
        const slot = takeFree();
        expect(machine.call("insert", [slot, key])).toBe(model.has(key) ? 0 : 1);
        if (model.has(key)) free.push(slot);
        else model.set(key, slot);
      } else if (known.length > 0) {
        const key = rng.pick(known);
        const slot = model.get(key) as number;
        if (kind === "replace" && free.length > 0) {
          const fresh = takeFree();
          machine.call("replace", [slot, fresh]);
          model.set(key, fresh);
        } else {
          machine.call("erase", [slot]);
          model.delete(key);
        }
        free.push(slot);
      }
      const fault = machine.call("check");
      expect(RbFault[fault], `change ${change}`).toBe("none");
      const asked = rng.below(spread) - spread / 2;
      expect(machine.call("find", [asked])).toBe(model.get(asked) ?? -1);
      if (change % 50 === 0) expect(walked(machine)).toEqual(slotsInOrder(model));
    }
    for (const slot of model.values()) machine.call("erase", [slot]);
    expect(walked(machine)).toEqual([]);
  });
});

describe("all small trees", () => {
  /** The first order of inserting for each tree that `count` keys make. */
  function distinctTrees(machine: Direct, count: number): number[] {
    const trees = new Map<number, number>();
    for (let order = 0; order < factorial(count); order++) {
      expect(machine.call("insertInOrder", [count, order]), `order ${order}`).toBe(RbFault.none);
      const shape = machine.call("shape");
      if (!trees.has(shape)) trees.set(shape, order);
      for (let slot = 0; slot < count; slot++) machine.call("erase", [slot]);
    }
    return [...trees.values()];
  }

  it.each([1, 2, 3, 4, 5, 6, 7])("are right after every insertion, in all orders of %d keys", (count) => {
    // How many trees there are: counted by hand up to 4.
    const known = [1, 2, 1, 4];
    const trees = distinctTrees(tree(count), count).length;
    if (count <= known.length) expect(trees).toBe(known[count - 1]);
    else expect(trees).toBeGreaterThan(4);
  });

  it.each([1, 2, 3, 4, 5, 6])("of %d keys are right after every erasure, in all orders", (count) => {
    const machine = tree(count);
    for (const order of distinctTrees(machine, count))
      expect(machine.call("eraseInAllOrders", [count, order, factorial(count)])).toBe(RbFault.none);
  });
});

describe("what is checked", () => {
  /** A black top with two red children: keys 0, 1, 2 in slots of the same numbers. */
  function three(): { readonly machine: Direct; readonly node: (slot: number) => number } {
    const machine = tree(4);
    machine.call("insertInOrder", [3, 0]);
    const first = machine.call("firstNodeAddress");
    return { machine, node: (slot) => first + slot * slotBytes };
  }
  const key = 32;

  it.each<[keyof typeof RbFault, string, (machine: Direct, node: (slot: number) => number) => void]>([
    ["none", "nothing is wrong", () => {}],
    ["parentLink", "a child names another parent", (m, node) => m.write(node(0), node(2))],
    ["parentLink", "the top has a parent", (m, node) => m.write(node(1), node(3) | RbColour.black)],
    ["parentLink", "a node leads to the top", (m, node) => m.write(node(0) + RbNode.left, node(1))],
    ["parentLink", "a node hangs at both links", (m, node) => m.write(node(1) + RbNode.right, node(0))],
    ["redTop", "the top is red", (m, node) => m.write(node(1), 0)],
    ["count", "a node is lost", (m, node) => m.write(node(1) + RbNode.left, 0)],
    ["blackHeight", "one side is blacker", (m, node) => m.write(node(0), node(1) | RbColour.black)],
    ["order", "two keys are equal", (m, node) => m.write(node(0) + key, 1)],
    [
      "redBelowRed",
      "a red child is below a red one",
      (m, node) => {
        m.write(node(3), node(2));
        m.write(node(2) + RbNode.right, node(3));
      },
    ],
  ])("finds %s where %s", (fault, _what, damage) => {
    const { machine, node } = three();
    damage(machine, node);
    expect(RbFault[machine.call("check")]).toBe(fault);
  });
});

/** A machine that tells of every store. It does only what the tree needs: loads and stores. */
class StoreByStore {
  readonly memory: Int32Array;
  private readonly state: Int32Array;
  private readonly step: Step;

  constructor(slots: number) {
    const booted = tree(slots);
    this.memory = Int32Array.from({ length: memoryBytes / 4 }, (_, cell) => booted.read(cell * 4));
    this.state = new Int32Array(program.wordsPerActor);
    this.step = program.instantiate(Int32Array.of(0, 0, 0, 0));
  }

  /** `stored` is called after every store, with whether it was a release. */
  call(entry: string, args: readonly number[], stored: (release: boolean) => void = () => {}): number {
    const { memory, state } = this;
    program.start(state, 0, entry, args, { cpu: 0, scriptBase: 0 });
    for (let result = 0; ; ) {
      const op: Op = this.step(state, 0, result);
      const cell = (state[ActorWord.operand0] as number) >> 2;
      if (op === Op.done) return state[ActorWord.returnValue] as number;
      if (op === Op.load) result = memory[cell] as number;
      else if (op === Op.store || op === Op.storeRelease) {
        memory[cell] = state[ActorWord.operand0 + 1] as number;
        stored(op === Op.storeRelease);
      } else throw new Error(`the tree uses ${opByCode(op).name}`);
    }
  }
}

describe("links as a reader without the lock may follow them", () => {
  it("lead to nodes or nowhere and make no loop, also over erased nodes, at every single store", () => {
    const keys = 24;
    const machine = new StoreByStore(keys * 2);
    const { memory } = machine;
    const first = machine.call("firstNodeAddress", []);
    const top = machine.call("treeAddress", []);
    const slotAt = (address: number): number => {
      const link = memory[address >> 2] as number;
      const slot = link === 0 ? -1 : (link - first) / slotBytes;
      if (!Number.isInteger(slot) || slot < -1 || slot >= keys * 2) throw new Error(`garbage: ${link}`);
      return slot;
    };
    /** 1: on the way down to here; 2: everything below was looked at. */
    const seen = new Uint8Array(keys * 2);
    const goDown = (slot: number): void => {
      if (slot === -1 || seen[slot] === 2) return;
      if (seen[slot] === 1) throw new Error("a loop");
      seen[slot] = 1;
      goDown(slotAt(first + slot * slotBytes + RbNode.left));
      goDown(slotAt(first + slot * slotBytes + RbNode.right));
      seen[slot] = 2;
    };
    const look = (): void => {
      seen.fill(0);
      slotAt(top);
      for (let slot = 0; slot < keys * 2; slot++) goDown(slot);
    };
    const rng = new Rng("links");
    for (let change = 0; change < 4000; change++) {
      machine.call("change", [rng.bits(), rng.below(keys), keys], look);
      expect(RbFault[machine.call("check", [])]).toBe("none");
    }
  });

  it("are written a few times at most by one change, however large the tree is", () => {
    const slots = 1000;
    const machine = new StoreByStore(slots);
    const rng = new Rng("writes");
    const inTree = new Set<number>();
    const most = { insert: 0, erase: 0 };
    for (let change = 0; change < 20_000; change++) {
      const slot = rng.below(slots);
      const kind = inTree.delete(slot) ? "erase" : "insert";
      if (kind === "insert") inTree.add(slot);
      let links = 0;
      machine.call(kind, [slot, slot].slice(0, kind === "insert" ? 2 : 1), (release) => {
        if (release) links += 1;
      });
      most[kind] = Math.max(most[kind], links);
    }
    // A rotation writes three links; what was linked or moved comes on top.
    expect(most).toEqual({ insert: 7, erase: 13 });
  });

  it("show readers what is there whenever the sequence counter did not move", () => {
    let retries = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const keys = 32;
      const engine = new ReferenceEngine(program, { seed, cpus: 3, memoryBytes, stepLimit: 5_000_000 });
      const alone = (entry: string, ...args: number[]) =>
        engine.run([{ cpu: 0, entry, args, role: "script" }]);
      const actor = (cpu: number, entry: string, ...args: number[]): ActorSpec => ({
        cpu,
        entry,
        args: [cpu, ...args],
        role: "script",
      });
      alone("boot", keys * 2);
      alone("plant", keys);
      engine.run([
        actor(0, "writer", seed, keys, 150),
        actor(1, "reader", seed + 100, keys, 60),
        actor(2, "reader", seed + 200, keys, 60),
      ]);
      retries += engine.returnedBy(1) + engine.returnedBy(2);
      alone("check");
      expect(engine.returnedBy(0)).toBe(RbFault.none);
      const result = engine.finish();
      expect(explain(result), `seed ${seed}`).toBe("");
      expect(markedVerdicts(result.counters.marks), `seed ${seed}`).toEqual([]);
    }
    expect(retries).toBeGreaterThan(0);
  });
});

describe("the compiled build", () => {
  let built: Promise<Uint8Array> | undefined;
  async function onThreads(cpus: number, body: (threads: Threads) => Promise<void>): Promise<void> {
    built ??= buildWasm(ir, { ...hostWasmOptions, checks: true, inlineMaxSize: 40 }).then(
      ({ binary }) => binary,
    );
    const wasm = await built;
    await withThreads({ wasm, cpus, memoryBytes: 1 << 20, constants: ir.constants }, body);
  }
  const value = async (threads: Threads, entry: string, ...args: number[]): Promise<number | undefined> =>
    (await threads.callOne(0, entry, args)).value ?? undefined;

  it("makes the same trees of the same histories", async () => {
    await onThreads(1, async (threads) => {
      const keys = 128;
      const machine = tree(keys * 2);
      await value(threads, "boot", keys * 2);
      for (let seed = 1; seed <= 8; seed++) {
        const history = [seed, keys, 1000, 100];
        expect(machine.call("history", history)).toBe(0);
        expect(await value(threads, "history", ...history)).toBe(0);
        expect(await value(threads, "shape")).toBe(machine.call("shape"));
      }
    });
  });

  it("is right after every change of long histories, and in all orders of inserting and erasing 6 keys", async () => {
    await onThreads(1, async (threads) => {
      await value(threads, "boot", 200);
      for (let order = 0; order < 720; order++)
        expect(await value(threads, "eraseInAllOrders", 6, order, 720)).toBe(RbFault.none);
      expect(await value(threads, "history", 2024, 100, 100_000, 1)).toBe(0);
    });
  });

  it("shows readers on other threads what is there", async () => {
    await onThreads(3, async (threads) => {
      const keys = 256;
      await value(threads, "boot", keys * 2);
      await value(threads, "plant", keys);
      await Promise.all([
        threads.callOne(0, "writer", [0, 11, keys, 20_000]),
        threads.callOne(1, "reader", [1, 12, keys, 20_000]),
        threads.callOne(2, "reader", [2, 13, keys, 20_000]),
      ]);
      expect(await value(threads, "violationCount", Verdict.assertion)).toBe(0);
      expect(await value(threads, "check")).toBe(RbFault.none);
    });
  });
});
