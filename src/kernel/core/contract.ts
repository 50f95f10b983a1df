/**
 * The contract between the kernel and a strategy: what each function means. A strategy file exports functions and constants
 * of these names; `init`, `get`, `tryGet`, `put` and `labelBytes` it must, the others have a default
 * (`contract-defaults.ts`). `refplay/strategy` stands for the program's strategy, `refplay/strategy/self` for the one that a
 * file belongs to, `refplay/strategy/<part>` for a part of that one; all resolve to this file for TypeScript.
 *
 * A *holder* is the slot of an object that keeps a reference (file, cred, proxy, socket, a hook's temporary): the strategy
 * itself reads and writes it, because for some strategies the slot is the reference. A *guard* is a few bytes that the
 * caller lends for a short use. `cpu` is always the CPU that executes. A holder's first cell is the label's address, or 0; one of 8
 * bytes keeps nothing else, so that two of those may change places whatever the strategies of their labels.
 */
import type { bool, i32, ptr } from "../../machine/index.ts";

/** Lays out global, per-CPU and per-task state. Once per CPU, before it runs. Default: nothing. */
export declare function boot(cpu: i32): void;
/**
 * `label` is new and nobody else knows it: one reference, kept in `holder`. A strategy that needs more memory than there is
 * leaves the holder 0, and the caller gives the label up.
 */
export declare function init(cpu: i32, holder: ptr, label: ptr): void;
/** One reference more, kept in `holder`. The caller holds or borrows one already. */
export declare function get(cpu: i32, holder: ptr, label: ptr): void;
/** The same unless no reference is left; whether it worked. The caller is inside an RCU read section that found the label. */
export declare function tryGet(cpu: i32, holder: ptr, label: ptr): bool;
/** Drops the reference in `holder` and clears the slot. The last one leads to `release(cpu, label)`, once, now or later. */
export declare function put(cpu: i32, holder: ptr, label: ptr): void;
/** The reference changes its slot. Default: stores the label in `to`, then 0 in `from`. */
export declare function move(cpu: i32, from: ptr, to: ptr, label: ptr): void;
/**
 * The references in `slot`, which others may `borrow` from meanwhile, and in `other`, the caller's own, change places. `slot` is
 * not empty in between; callers for one slot exclude each other. `other` may be empty before, `slot` too. Default: stores both
 * labels, the slot's with release order.
 */
export declare function swap(cpu: i32, slot: ptr, other: ptr): void;
/**
 * Protects the label that the shared slot `source` points to, until `unborrow`; 0 where it points to none. Ends before the
 * hook does. Default: `tryGet` into the guard, in a read section, until it works.
 */
export declare function borrow(cpu: i32, guard: ptr, source: ptr): ptr;
/** Ends what `borrow` began. Default: `put` of the guard. */
export declare function unborrow(cpu: i32, guard: ptr, label: ptr): void;
/**
 * The label became reachable: inserted into the set, or a namespace's unconfined. Of a profile's own label (`Label.size` 1) the
 * profile list is an owner, who will `retire` it; a compound label has no owner and is retired only when a part of it was
 * replaced or removed; that may even come before this call, on another CPU which found the label as soon as it was a member. May
 * sleep. Default: nothing.
 */
export declare function publish(cpu: i32, label: ptr): void;
/**
 * The label is stale or unreachable for new users; holders that have it keep it. The caller still holds a reference and
 * drops it afterwards. May sleep: not inside a read section, nor with a lock held. Default: nothing.
 */
export declare function retire(cpu: i32, label: ptr): void;
/** The task's cred bears this label from now on (fork, exec, change of profile). Default: nothing. */
export declare function enterTask(cpu: i32, task: ptr, label: ptr): void;
/** The task's cred bears this label no longer (exec, change of profile, exit: then `switchOut` follows). Default: nothing. */
export declare function leaveTask(cpu: i32, task: ptr, label: ptr): void;
/**
 * The CPU leaves `task` for `next` (0: none), before another CPU may run it. Also when it exits, whether or not a CPU ran it.
 * Default: nothing.
 */
export declare function switchOut(cpu: i32, task: ptr, next: ptr): void;
/** The task enters the kernel: a system call begins. Default: nothing. */
export declare function enterKernel(cpu: i32, task: ptr): void;
/**
 * A callback queued by `callRcu(head, layout("callback") + id)`, `id` 0 to 15. Those of a strategy's parts come to it as well, for it
 * to hand on: `id` of the part with number `n` as 16 * (n + 1) + `id`. Must not wait. Default: nothing.
 */
export declare function callback(cpu: i32, id: i32, head: ptr): void;
/**
 * Background work, on a maintenance actor only; may block. How much was done: 0 only where another call, with nothing else
 * happening in between, could not do anything either. How often it is called on threads says the strategy's constant
 * `maintenanceIntervalMs`. Default: 0.
 */
export declare function maintain(cpu: i32): i32;
/** The label is about to be freed: gives back what `init` took. May run in an RCU callback: must not wait. Default: nothing. */
export declare function destroy(cpu: i32, label: ptr): void;

/** Bytes in each label; see docs/strategy-contract.md for all constants. */
export declare const labelBytes: i32;
export declare const holderBytes: i32;
export declare const guardBytes: i32;
export declare const globalBytes: i32;
export declare const cpuBytes: i32;
export declare const taskBytes: i32;
/** Per label and CPU, from the per-CPU allocator. */
export declare const labelCpuBytes: i32;
/** Per label, allocated apart. */
export declare const labelExtraBytes: i32;
/** Milliseconds between two calls of `maintain` on threads. */
export declare const maintenanceIntervalMs: i32;
/** 1: `labelClass` must tell a namespace's own unconfined from the root's. */
export declare const namespaceClass: i32;

/** An integer that a config sets when a program is linked; read by `option("name")`. */
export interface StrategyOption {
  /** `ns`, `bytes`, `count`, `0/1`, ... */
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** What it changes, as a sentence. */
  readonly doc: string;
  /** Options of the same owner that must be 0 while this one is not. */
  readonly conflicts?: readonly string[];
  /** Not 0: every part is the strategy of that name, whose option `option` is what this one is. */
  readonly allParts?: { readonly strategy: string; readonly option: string };
}

/** Another strategy that a strategy is made of. */
export interface StrategyPart {
  /** Name of a built-in strategy, or path of a file, from the folder of the one that has the part. */
  readonly default: string;
  /** What it does here, as a sentence. */
  readonly doc: string;
}

/** Misuse that a strategy can notice; it then saturates: the label is leaked and reported, never freed early. */
export type Misuse = "underflow" | "overflow" | "getFromZero";

export interface Capabilities {
  /** What makes a label without references go: the last put, the first put after `retire`, a scan (`maintain`), or nothing. */
  readonly releases: "lastPut" | "retire" | "scan" | "never";
  readonly detects: readonly Misuse[];
  /** Whether labels are only released while `maintain` is called from time to time. */
  readonly needsMaintenance: boolean;
}

/** The default export of a strategy file: plain data, read by the linker without running anything. */
export type StrategyMeta = Described &
  (
    | { readonly capabilities: Capabilities }
    /** What it can do follows from its parts; each has a number, `part("name")`. */
    | { readonly parts: Readonly<Record<string, StrategyPart>> }
  );

interface Described {
  readonly title: string;
  /** One paragraph. */
  readonly summary: string;
  /** Where the idea is described: kernel path and version, paper, posting. */
  readonly sources: readonly string[];
  readonly options: Readonly<Record<string, StrategyOption>>;
  /** Deliberate bugs of strategies/broken/ only: what must be found. */
  readonly expect?: {
    /** A name of `Verdict` in kebab case, as reports spell it: `use-after-free`. */
    readonly verdict: string;
    /** Memory model that shows it: `sc`, or `tso` where it takes a store buffer. */
    readonly model?: string;
    /** The smallest program that shows it. */
    readonly program?: string;
  };
}

/** What the default export of a program's entry module declares: the tunables that `option()` reads outside strategies. */
export interface ProgramMeta {
  readonly options: Readonly<Record<string, StrategyOption>>;
}
