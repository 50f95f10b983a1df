/**
 * The machine: every way in which portable code may touch memory, time and evidence.
 *
 * Nothing here has a body. Portable code (strategies, the kernel, programs of tests) is never run as JavaScript: the
 * linker turns each call into a step of a stepped program or into WebAssembly. Addresses are byte addresses of 4-byte
 * cells and must be multiples of 4; values are 32 bits. An operation that hands a cell back may be given to an `i32`,
 * `u32` or `ptr`; where nothing says which, it is an `i32`.
 */

/** 32 bits, two's complement; arithmetic wraps. */
export type i32 = number;
/** 32 bits, unsigned; arithmetic wraps, comparison, division and right shift are unsigned. */
export type u32 = number;
/** A byte address in the machine's memory. `ptr + i32` is a `ptr`, `ptr - ptr` an `i32`. */
export type ptr = number;
/** `true` or `false`; never mixes with integers. */
export type bool = boolean;

/** The same 32 bits as a signed integer. Takes `u32`, `ptr` and (as 0 or 1) `bool`. */
export declare function i32(value: number | boolean): i32;
/** The same 32 bits as an unsigned integer. Takes `i32`, `ptr` and (as 0 or 1) `bool`. */
export declare function u32(value: number | boolean): u32;
/** The same 32 bits as an address. */
export declare function ptr(value: number): ptr;

// ---- link time: only as the whole initialiser of a module-level `const`, or inside one of an enum's member ----

/** The value of a declared option of this strategy (or, in the kernel, of the program). `name` is a literal. */
export declare function option(name: string): i32;
/** Areas in which a strategy may ask for bytes by exporting `globalBytes`, `cpuBytes`, `taskBytes`, ... */
export type LayoutArea = "global" | "cpu" | "task" | "label" | "holder" | "guard";
/**
 * Where this strategy instance's bytes begin within the strategies' part of an area; `"callback"`: its first RCU callback
 * id. Multiples of 8 (64 for `global` and `cpu`).
 */
export declare function layout(area: LayoutArea | "callback"): i32;
/** Bytes of an area for all strategies of the program together: a multiple of 8 (64 for `global` and `cpu`). */
export declare function layoutBytes(area: LayoutArea): i32;

/**
 * The number of a part of this strategy: 0 for its first part, and for a part that is another strategy than all parts before it the
 * next number; parts that are the same strategy with the same options have the same number.
 */
export declare function part(name: string): i32;

// ---- plain accesses ----

/**
 * Reads a cell once, without ordering: READ_ONCE (include/asm-generic/rwonce.h). WebAssembly: `i32.atomic.load`, so that
 * the second of two reads is kept; where the host is TSO and its V8 is known to keep plain loads too, `i32.load` in the end.
 */
export declare function load(address: ptr): i32;
/** Writes a cell once, without ordering: WRITE_ONCE. WebAssembly: `i32.store`. May wait in a store buffer. */
export declare function store(address: ptr, value: i32): void;
/** Reads a cell; no later access moves before it: smp_load_acquire. WebAssembly: `i32.atomic.load`. */
export declare function loadAcquire(address: ptr): i32;
/**
 * Writes a cell; no earlier access moves behind it: smp_store_release. WebAssembly: `i32.store` where the host is TSO,
 * `i32.atomic.store` elsewhere. Later loads may still be done first (store buffer).
 */
export declare function storeRelease(address: ptr, value: i32): void;

// ---- atomic read-modify-write, fully ordered (a barrier before and after), one `i32.atomic.rmw.*` each ----

/** Adds to a cell and returns what was there: atomic_fetch_add (x86: `lock xadd`). Blind use may become `lock add`. */
export declare function fetchAdd(address: ptr, value: i32): i32;
/** Clears bits and returns what was there: atomic_fetch_and. */
export declare function fetchAnd(address: ptr, value: i32): i32;
/** Sets bits and returns what was there: atomic_fetch_or. */
export declare function fetchOr(address: ptr, value: i32): i32;
/** Replaces a cell and returns what was there: xchg. The cheapest store followed by a full barrier. */
export declare function exchange(address: ptr, value: i32): i32;
/**
 * Writes `desired` if the cell holds `expected`; returns what was there, so success is `result === expected`: cmpxchg.
 * A failed one is fully ordered too (stronger than the kernel's promise, as `lock cmpxchg` is).
 */
export declare function compareExchange(address: ptr, expected: i32, desired: i32): i32;

// ---- fences ----

/** Full barrier: smp_mb. WebAssembly: an atomic exchange on a line private to the CPU, for the kernel's `lock addl $0`. */
export declare function fence(): void;
/** Earlier loads before later loads: smp_rmb. Free on TSO. */
export declare function loadFence(): void;
/** Earlier stores before later stores: smp_wmb. Free on TSO. */
export declare function storeFence(): void;

// ---- waiting: a raw spin loop never ends under the checker ----

/** Goes on once the cell equals `value` (acquire): smp_cond_load_acquire. On threads: spin, then wait with a time-out. */
export declare function awaitEqual(address: ptr, value: i32): void;
/** Goes on once the cell differs from `value` (acquire). */
export declare function awaitNotEqual(address: ptr, value: i32): void;
/** Goes on once `cell - value`, wrapping, is zero or more (acquire): for counters that only grow. */
export declare function awaitAtLeast(address: ptr, value: i32): void;

// ---- RCU ----

/** Enters a read section: rcu_read_lock. Nests. Costs nothing on threads (quiescent-state based). */
export declare function rcuReadLock(): void;
/** Leaves a read section: rcu_read_unlock. */
export declare function rcuReadUnlock(): void;
/**
 * Runs the program's callback with that id on `head` after a grace period: call_rcu. `head` is a `RcuHead` inside the object
 * and is written by this call. Never blocks; allowed anywhere.
 */
export declare function callRcu(head: ptr, callback: i32): void;
/** Waits for a grace period: synchronize_rcu. Not inside a read section, nor with a lock held. */
export declare function synchronizeRcu(): void;
/** This CPU holds no read section now: rcu_note_context_switch. RCU callbacks may run here on threads. */
export declare function quiescent(): void;

// ---- lifetime, time and evidence ----

/** The range is an object of that kind from now on; engines watch it and poison what is outside. */
export declare function allocated(address: ptr, kind: i32, bytes: i32): void;
/** The object at `address` is gone; any later touch is a use after free until the range is allocated again. */
export declare function freed(address: ptr): void;
/** Bytes `offset` to `offset + 3` of this actor's script: immutable input, never a scheduling point. */
export declare function script(offset: i32): i32;
/** Time spent outside the code under test, in ns (0 or more); an RCU quiescent state. */
export declare function work(ns: i32): void;
/** A coarse clock: the tick cell of the boot block. */
export declare function now(): i32;
/** Tells the engine that something happened; see `Mark` in the kernel for the events. Free on measured threads. */
export declare function mark(event: i32, argument: i32): void;

// ---- for the kernel's own RCU and scheduler ----

/** Number of the CPU that runs this actor: smp_processor_id. Pure. */
export declare function thisCpu(): i32;
/** The next callback's head whose grace period is over; waits for one; 0 when none can come any more. Stepped engines only. */
export declare function rcuTake(): ptr;
/** Burns about that many ns of processor time. Threads only. */
export declare function spin(ns: i32): void;
