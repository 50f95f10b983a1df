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
  /** Names in use in the whole function, unless reused on purpose. */
  private names = 0;
  private labels = 0;

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

  /** A name that nothing else in this function has. */
  freshName(): string {
    this.names += 1;
    return `v${this.names}`;
  }

  freshLabel(): string {
    this.labels += 1;
    return `around${this.labels}`;
  }

  /** Runs `make` in an inner scope: what it declares is gone afterwards. */
  inner<T>(make: () => T): T {
    const before = this.visible;
    this.visible = [...before];
    try {
      return make();
    } finally {
      this.visible = before;
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
