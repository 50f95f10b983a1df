/** Small programs with and without the mistakes that the reference engine must find. */

import type { ActorSpec } from "../../src/engines/reference/index.ts";
import type { IrExpr, IrProgram } from "../../src/link/ir.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { add, eq, int, ne, ProgramBuilder } from "../link/ir-builder.ts";

/** Cells that the programs use. */
export enum Cell {
  counter = 2048,
  lockA = 2112,
  lockB = 2176,
  pointer = 2240,
  freedCount = 2304,
  ready = 2368,
}

/** Where the one object lies, its fields, and its kind. */
export enum Box {
  address = 8192,
  bytes = 64,
  refs = 8,
  rcu = 32,
}
const boxKind = 7;

export const kinds: ReadonlyMap<number, string> = new Map([[boxKind, "Box"]]);

const structs = [
  {
    name: "Box",
    file: 0,
    instance: null,
    fields: [
      { name: "owner", offset: 0 },
      { name: "refs", offset: Box.refs },
      { name: "rcu", offset: Box.rcu },
    ],
  },
];

export const memoryBytes = 1 << 16;

export function script(entry: string, ...args: number[]): ActorSpec {
  return { cpu: 0, entry, args, role: "script" };
}

export const softirq: ActorSpec = { cpu: 0, entry: "softirq", args: [0], role: "softirq" };

export const maintenance: ActorSpec = { cpu: 0, entry: "maintain", args: [0], role: "maintenance" };

function programOf(): IrProgram {
  const b = new ProgramBuilder();
  const box = int(Box.address, "ptr");
  const create = b.fn("create", {}, null, (f) => {
    f.op(Op.allocated, box, boxKind, Box.bytes);
    f.op(Op.store, Box.address + Box.refs, 1);
    f.op(Op.store, Cell.pointer, box);
  });
  const destroy = b.fn("destroy", {}, null, (f) => {
    f.op(Op.freed, box);
  });
  /** Adds 1 without protection: load, then store. */
  const bump = b.fn("bump", { times: "i32" }, "i32", (f, times) => {
    f.times(times as IrExpr, () => {
      const value = f.op(Op.load, Cell.counter);
      f.op(Op.store, Cell.counter, add(value, 1));
    });
    f.return(f.op(Op.load, Cell.counter));
  });
  const bumpAtomic = b.fn(
    "bumpAtomic",
    { times: "i32" },
    null,
    (f, times) => {
      f.times(times as IrExpr, () => f.op(Op.fetchAdd, Cell.counter, 1));
    },
    "kref",
  );
  /** A spinlock held around another one. */
  const lock = b.fn("lock", { cell: "ptr" }, null, (f, cell) => {
    f.loop((leave) => {
      f.if(eq(f.op(Op.exchange, cell as IrExpr, 1), 0), () => f.break(leave));
      f.op(Op.awaitEqual, cell as IrExpr, 0);
    });
  });
  const lockBoth = b.fn("lockBoth", { first: "ptr", second: "ptr" }, null, (f, first, second) => {
    f.call(lock, first as IrExpr);
    f.call(lock, second as IrExpr);
    f.op(Op.fetchAdd, Cell.counter, 1);
    f.op(Op.storeRelease, second as IrExpr, 0);
    f.op(Op.storeRelease, first as IrExpr, 0);
  });
  /** Reads the object that the pointer names, inside a read section. */
  const read = b.fn("read", {}, "i32", (f) => {
    f.op(Op.rcuReadLock);
    const found = f.op(Op.load, Cell.pointer);
    const refs = f.let("refs", 0);
    f.if(ne(found, 0), () => f.set(refs, f.op(Op.load, add(found, Box.refs))));
    f.op(Op.rcuReadUnlock);
    f.return(refs);
  });
  /** Unlinks the object and frees it: at once (0), after synchronizeRcu (1), by callRcu (2). */
  const remove = b.fn("remove", { how: "i32" }, null, (f, how) => {
    const found = f.op(Op.exchange, Cell.pointer, 0);
    f.if(eq(found, 0), () => f.return());
    f.if(eq(how as IrExpr, 2), () => {
      f.op(Op.callRcu, add(found, Box.rcu), 5);
      f.return();
    });
    f.if(eq(how as IrExpr, 1), () => {
      f.op(Op.synchronizeRcu);
    });
    f.op(Op.freed, found);
  });
  const softirqEntry = b.fn("softirq", { cpu: "i32" }, null, (f) => {
    f.loop((leave) => {
      const head = f.op(Op.rcuTake);
      f.if(eq(head, 0), () => f.break(leave));
      const id = f.op(Op.load, add(head, 8));
      f.op(Op.mark, 50, id);
      f.op(Op.freed, add(head, -Box.rcu));
      f.op(Op.fetchAdd, Cell.freedCount, 1);
    });
  });
  /** Background work: takes one from the counter at a time. */
  const maintain = b.fn("maintain", { cpu: "i32" }, "i32", (f) => {
    const left = f.op(Op.load, Cell.counter);
    f.if(eq(left, 0), () => f.return(0));
    f.op(Op.store, Cell.counter, add(left, -1));
    f.return(1);
  });
  const waitForTick = b.fn("waitForTick", { tick: "i32" }, "i32", (f, tick) => {
    f.op(Op.awaitAtLeast, 128, tick as IrExpr);
    f.return(f.op(Op.now));
  });
  const waitReady = b.fn("waitReady", {}, null, (f) => {
    f.op(Op.awaitNotEqual, Cell.ready, 0);
  });
  const setReady = b.fn("setReady", {}, null, (f) => {
    f.op(Op.store, Cell.ready, 1);
  });
  const touch = b.fn("touch", { address: "ptr" }, "i32", (f, address) => {
    f.return(f.op(Op.load, address as IrExpr));
  });
  const divide = b.fn("divide", { by: "i32" }, "i32", (f, by) =>
    f.return(f.divide("divS", 100, by as IrExpr)),
  );
  const stay = b.fn("stay", { op: "i32" }, null, (f, op) => {
    f.op(Op.rcuReadLock);
    f.if(eq(op as IrExpr, 1), () => {
      f.op(Op.synchronizeRcu);
    });
    f.if(eq(op as IrExpr, 2), () => {
      f.op(Op.work, 100);
    });
    f.if(eq(op as IrExpr, 3), () => {
      f.op(Op.rcuReadUnlock);
      f.op(Op.rcuReadUnlock);
    });
  });
  const entries = { create, destroy, bump, bumpAtomic, lockBoth, read, remove, maintain, waitForTick };
  return b.build(
    { ...entries, softirq: softirqEntry, waitReady, setReady, touch, divide, stay },
    { structs },
  );
}

let built: SteppedProgram | undefined;

/** The program with all of them. */
export function program(): SteppedProgram {
  built ??= buildStepped(programOf());
  return built;
}
