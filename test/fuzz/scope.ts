/**
 * What is visible at one place of a program that is being generated.
 */

import type { Constant, FuzzFunction, Local, Type } from "./program.ts";
import type { Rng } from "./random.ts";

/** A local that an expression may read. */
export interface Visible {
  readonly local: Local;
  /** False for `const`, parameters that are kept, and counters that bound a loop. */
  readonly assignable: boolean;
  /** A ptr that always holds the address of a cell of the arena. */
  readonly address: boolean;
}

/** A loop, labelled block or switch around the current place. */
export interface Target {
  readonly kind: "loop" | "switch" | "block";
  readonly label: string | null;
}

/** What a generated program may contain; drawn once per program. */
export interface Traits {
  /** Divisors that can be zero. */
  readonly faults: boolean;
  /** Addresses that are misaligned or outside memory. */
  readonly badAddresses: boolean;
  /** Operations at all; without them programs are pure arithmetic, which optimisers treat differently. */
  readonly operations: boolean;
  /** RCU and lifetime operations, which compiled programs may lower to something else. */
  readonly kernelOperations: boolean;
}

/** State of the function that is being generated. */
export class FunctionScope {
  readonly rng: Rng;
  readonly traits: Traits;
  readonly constants: readonly Constant[];
  readonly callees: readonly FuzzFunction[];
  readonly result: Type | null;
  /** Innermost last. */
  visible: Visible[] = [];
  targets: Target[] = [];
  /** Statements that may still be made in this function. */
  budget: number;
  private names = 0;
  private labels = 0;
  /** Names declared directly in the current block. */
  private taken = new Set<string>();
  /** Names of inner blocks that have ended. */
  private readonly free = new Set<string>();
  /** Names that no inner block may hide, since the loop around it still uses them. */
  private readonly kept = new Set<string>();
  /** A name from outside that the current block hides, until something is declared under it. */
  private hiding: string | null = null;
  /** Whether the current block shares its JavaScript scope with others: then all names are new. */
  private shared = false;

  constructor(
    rng: Rng,
    traits: Traits,
    constants: readonly Constant[],
    callees: readonly FuzzFunction[],
    result: Type | null,
    budget: number,
  ) {
    this.rng = rng;
    this.traits = traits;
    this.constants = constants;
    this.callees = callees;
    this.result = result;
    this.budget = budget;
  }

  /** A name for something that is declared next in the current block: new, or one that nobody can see here. */
  freshName(): string {
    const name = this.reusedName() ?? `v${++this.names}`;
    this.taken.add(name);
    if (name === this.hiding) this.hiding = null;
    return name;
  }

  private reusedName(): string | null {
    if (this.shared) return null;
    const { hiding } = this;
    if (hiding !== null && this.rng.chance(0.7)) return hiding;
    if (!this.rng.chance(0.2)) return null;
    const seen = new Set(this.visible.map((entry) => entry.local.name));
    const usable = [...this.free].filter((name) => !seen.has(name) && !this.taken.has(name));
    return usable.length === 0 ? null : this.rng.pick(usable);
  }

  /** Declares that a loop needs this name as long as the function lasts. */
  keep(name: string): void {
    this.kept.add(name);
  }

  /** Now and then hides an outer name in the current block, so that something else can be declared under it. */
  private hide(): void {
    if (!this.rng.chance(0.25)) return;
    const names = this.visible.map((entry) => entry.local.name).filter((name) => !this.kept.has(name));
    if (names.length === 0) return;
    const hidden = this.rng.pick(names);
    this.hiding = hidden;
    // From the beginning of the block: JavaScript knows the inner one from there on.
    this.visible = this.visible.filter((entry) => entry.local.name !== hidden);
  }

  freshLabel(): string {
    this.labels += 1;
    return `around${this.labels}`;
  }

  /**
   * Runs `make` in an inner scope: what it declares is gone afterwards.
   * @param kind `block`: in braces of its own; `head`: of a `for`; `clause`: of a switch without braces
   */
  inner<T>(make: () => T, kind: "block" | "head" | "clause" = "block"): T {
    const { visible, taken, hiding, shared } = this;
    this.visible = [...visible];
    this.taken = new Set();
    this.shared = kind === "clause";
    if (kind === "clause") this.hiding = null;
    if (kind === "block") this.hide();
    try {
      return make();
    } finally {
      for (const name of this.taken) this.free.add(name);
      Object.assign(this, { visible, taken, hiding, shared });
    }
  }

  /** Runs `make` inside a loop, switch or block. */
  within<T>(target: Target, make: () => T): T {
    this.targets.push(target);
    try {
      return make();
    } finally {
      this.targets.pop();
    }
  }

  declare(local: Local, assignable: boolean, address = false): void {
    this.visible.push({ local, assignable, address });
  }

  /** Locals of a type that may be read. */
  readable(type: Type): Local[] {
    return this.visible.filter((entry) => entry.local.type === type).map((entry) => entry.local);
  }

  /** Locals that may be assigned any value of their type. */
  assignable(): Local[] {
    return this.visible.filter((entry) => entry.assignable).map((entry) => entry.local);
  }

  /** Locals that hold an address of the arena. */
  addresses(): Local[] {
    return this.visible.filter((entry) => entry.address).map((entry) => entry.local);
  }
}
