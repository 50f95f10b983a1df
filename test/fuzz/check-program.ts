/**
 * What the checker's fuzz explores: two or three actors with a handful of operations each, as data that can be printed as
 * portable source and made smaller.
 */
import type { LitmusProgram } from "../litmus/litmus-problem.ts";

/** Locals of every actor; all are 0 at first. */
export const registers = ["a", "b", "c"] as const;
export type Register = (typeof registers)[number];
export type CellName = "x" | "y" | "z";
export type ObjectName = "p" | "q";
/** A cell, a field of an object behind its `RcuHead`, a cell of the CPU's own area, or the first one of CPU 0's. */
export type Place = CellName | `${ObjectName} + 32` | "own" | "own + 4" | "area0";
/** Also the address of the CPU's own area, or its number. */
export type Value = number | Register | "i32(own)" | "cpu";

export type CheckStep =
  | {
      readonly kind: "load";
      readonly op: "load" | "loadAcquire";
      readonly place: Place;
      readonly into: Register;
    }
  | {
      readonly kind: "store";
      readonly op: "store" | "storeRelease";
      readonly place: Place;
      readonly value: Value;
    }
  /** Loads from the address that a register holds, where it can be one. */
  | { readonly kind: "follow"; readonly address: Register; readonly into: Register }
  | { readonly kind: "fence"; readonly op: "fence" | "loadFence" | "storeFence" | "quiescent" }
  | {
      readonly kind: "rmw";
      readonly op: "fetchAdd" | "fetchAnd" | "fetchOr" | "exchange";
      readonly place: Place;
      readonly value: Value;
      readonly into: Register | null;
    }
  | {
      readonly kind: "compareExchange";
      readonly place: Place;
      readonly expected: Value;
      readonly desired: Value;
      readonly into: Register | null;
    }
  /** Counts a cell up with a compare-exchange loop. */
  | { readonly kind: "increment"; readonly place: Place }
  | {
      readonly kind: "await";
      readonly op: "awaitEqual" | "awaitNotEqual" | "awaitAtLeast";
      readonly place: Place;
      readonly value: number;
    }
  | { readonly kind: "synchronizeRcu" }
  | { readonly kind: "callRcu"; readonly object: ObjectName; readonly callback: 1 | 2 }
  | { readonly kind: "allocated"; readonly object: ObjectName }
  | { readonly kind: "freed"; readonly object: ObjectName }
  | { readonly kind: "section"; readonly body: readonly CheckStep[] }
  /** A spinlock of exchange and await, dropped with a release. */
  | { readonly kind: "locked"; readonly place: CellName; readonly body: readonly CheckStep[] }
  | {
      readonly kind: "if";
      readonly register: Register;
      readonly relation: "===" | "!==";
      readonly value: number;
      readonly body: readonly CheckStep[];
    }
  | { readonly kind: "repeat"; readonly times: number; readonly body: readonly CheckStep[] };

/** Bodies that a softirq actor may have; callbacks of id 2 are queued once more, as 1, before their body runs. */
export const callbackBodies = {
  free: "freed(head);",
  count: "fetchAdd(z, 1);",
  storeAndFree: "store(z, 7); freed(head);",
  countPlainly: "store(z, load(z) + 1);",
} as const;

export interface CheckActorProgram {
  readonly steps: readonly CheckStep[];
  /** Registers whose values the outcome shows. */
  readonly shown: readonly Register[];
  /** How many actors do this; more than one make a group. */
  readonly copies: number;
}

export interface CheckFuzzProgram {
  readonly seed: string;
  readonly actors: readonly CheckActorProgram[];
  readonly callback: keyof typeof callbackBodies | null;
  readonly softirqs: number;
  /** Steps of a maintenance actor and how often it runs; without steps there is none. */
  readonly maintenance: { readonly steps: readonly CheckStep[]; readonly rounds: number };
  /** Objects that live before the actors start. */
  readonly born: readonly ObjectName[];
  /** Cells whose last values the outcome shows. */
  readonly final: readonly CellName[];
  readonly leaks: boolean;
}

/** The steps that a step contains. */
export function bodyOf(step: CheckStep): readonly CheckStep[] | null {
  return "body" in step ? step.body : null;
}

/** Calls `see` with every step, inner ones too. */
export function walkSteps(steps: readonly CheckStep[], see: (step: CheckStep) => void): void {
  for (const step of steps) {
    see(step);
    walkSteps(bodyOf(step) ?? [], see);
  }
}

/** Every step of a program. */
export function allSteps(program: CheckFuzzProgram): CheckStep[] {
  const found: CheckStep[] = [];
  for (const { steps } of [...program.actors, program.maintenance])
    walkSteps(steps, (step) => found.push(step));
  return found;
}

/** The program as the litmus helper links it. */
export function printCheckProgram(program: CheckFuzzProgram): LitmusProgram {
  // Whose area an address is in differs between outcomes that are otherwise the same but for swapped actors.
  const hidden = allSteps(program).some((step) => JSON.stringify(step).includes("i32(own)"));
  const actors: string[] = [];
  const groups: (string | undefined)[] = [];
  program.actors.forEach((actor, index) => {
    for (let copy = 0; copy < actor.copies; copy++) {
      actors.push(printActor(actor.steps, actor.shown, hidden));
      groups.push(actor.copies > 1 ? `group ${index}` : undefined);
    }
  });
  const { callback, maintenance, born, final } = program;
  return {
    actors,
    groups,
    ...(callback === null
      ? {}
      : { callback: `${requeue}\n${callbackBodies[callback]}`, softirqs: program.softirqs }),
    ...(maintenance.steps.length === 0
      ? {}
      : { maintenance: { text: printActor(maintenance.steps, [], hidden), rounds: maintenance.rounds } }),
    ...(born.length === 0 ? {} : { boot: born.map((object) => `allocated(${object}, 1, 64);`).join("\n") }),
    finish: final.map((cell) => `return load(${cell})${hidden ? " & 63" : ""};`),
    leaks: program.leaks,
  };
}

/** A callback that queues itself again comes with id 2; `continue` would skip nothing here, so it is an if of its own. */
const requeue = "const id: i32 = load(head + 8);\nif (id === 2) {\ncallRcu(head, 1);\ncontinue;\n}";

function printActor(steps: readonly CheckStep[], shown: readonly Register[], hidden: boolean): string {
  const body = steps.map(printStep).join("\n");
  const used = registers.filter(
    (register) => new RegExp(`\\b${register}\\b`).test(body) || shown.includes(register),
  );
  const shownText = shown.map((register, index) => {
    const value = hidden ? `(${register} & 63)` : register;
    return index === 0 ? value : `${10 ** index} * ${value}`;
  });
  return [
    ...used.map((register) => `let ${register}: i32 = 0;`),
    body,
    `return ${shown.length === 0 ? "0" : shownText.join(" + ")};`,
  ].join("\n");
}

function into(register: Register | null, call: string): string {
  return register === null ? `${call};` : `${register} = ${call};`;
}

function printStep(step: CheckStep): string {
  switch (step.kind) {
    case "load":
      return `${step.into} = ${step.op}(${step.place});`;
    case "store":
      return `${step.op}(${step.place}, ${step.value});`;
    case "follow":
      return `if (${step.address} >= 1024 && (${step.address} & 63) === 0) ${step.into} = load(ptr(${step.address}));`;
    case "fence":
      return `${step.op}();`;
    case "rmw":
      return into(step.into, `${step.op}(${step.place}, ${step.value})`);
    case "compareExchange":
      return into(step.into, `compareExchange(${step.place}, ${step.expected}, ${step.desired})`);
    case "increment":
      return [
        "{",
        `let seen: i32 = load(${step.place});`,
        "while (true) {",
        `const found: i32 = compareExchange(${step.place}, seen, seen + 1);`,
        "if (found === seen) break;",
        "seen = found;",
        "}",
        "}",
      ].join("\n");
    case "await":
      return `${step.op}(${step.place}, ${step.value});`;
    case "synchronizeRcu":
      return "synchronizeRcu();";
    case "callRcu":
      return `callRcu(${step.object}, ${step.callback});`;
    case "allocated":
      return `allocated(${step.object}, 1, 64);`;
    case "freed":
      return `freed(${step.object});`;
    case "section":
      return ["rcuReadLock();", ...step.body.map(printStep), "rcuReadUnlock();"].join("\n");
    case "locked":
      return [
        `while (exchange(${step.place}, 1) !== 0) awaitEqual(${step.place}, 0);`,
        ...step.body.map(printStep),
        `storeRelease(${step.place}, 0);`,
      ].join("\n");
    case "if":
      return [
        `if (${step.register} ${step.relation} ${step.value}) {`,
        ...step.body.map(printStep),
        "}",
      ].join("\n");
    case "repeat":
      return [
        `for (let round: i32 = 0; round < ${step.times}; round += 1) {`,
        ...step.body.map(printStep),
        "}",
      ].join("\n");
  }
}
