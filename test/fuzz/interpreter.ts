/**
 * Runs a fuzz program over BigInt, by what the language says and not by how the linker compiles it.
 * Its trace, memory and outcome are what every back end has to reproduce.
 */
import { applyBinary, applyUnary, DivisionByZero, toBits, wrap } from "./arithmetic.ts";
import type { Expr, FuzzFunction, FuzzProgram, Local, Statement } from "./program.ts";
import { mainOf } from "./program.ts";
import { AddressFault, type TraceEntry, World } from "./world.ts";

/** How a run ended. */
export type Outcome =
  /** `value` is the returned 32 bits, signed; null for a function that returns nothing. */
  | { readonly kind: "returned"; readonly value: number | null }
  | { readonly kind: "fault"; readonly reason: FaultName }
  /** An await that nothing can satisfy any more. */
  | { readonly kind: "blocked" }
  /** The budget of steps ran out. */
  | { readonly kind: "tooLong" };

/** Names of `FaultReason`. `endlessLoop` never comes from here: it is what a stepped program makes of a miscompiled loop. */
export type FaultName = "divideByZero" | "misaligned" | "outOfRange" | "noReturn" | "endlessLoop";

export interface Run {
  readonly outcome: Outcome;
  readonly trace: readonly TraceEntry[];
  /** The machine's memory afterwards. */
  readonly memory: Int32Array;
}

class Fault extends Error {
  readonly reason: FaultName;
  constructor(reason: FaultName) {
    super(reason);
    this.reason = reason;
  }
}
class Blocked extends Error {}
class TooLong extends Error {}

/** How a statement ended: null = falls through to the next one. */
type Completion =
  | null
  | { readonly kind: "break" | "continue"; readonly label: string | null }
  | { readonly kind: "return"; readonly value: bigint | null };

type Frame = Map<Local, bigint>;

/** Most expressions and statements that a run may evaluate before it counts as too long. */
const defaultBudget = 30_000;

/** Runs `main` of a program from its inputs. */
export function interpret(program: FuzzProgram, budget: number = defaultBudget): Run {
  const world = new World(program.inputs);
  const interpreter = new Interpreter(program, world, budget);
  const outcome = interpreter.run();
  return { outcome, trace: world.trace, memory: world.memory };
}

class Interpreter {
  private readonly program: FuzzProgram;
  private readonly world: World;
  private budget: number;

  constructor(program: FuzzProgram, world: World, budget: number) {
    this.program = program;
    this.world = world;
    this.budget = budget;
  }

  run(): Outcome {
    const main = mainOf(this.program);
    try {
      const args = main.parameters.map((local, index) =>
        wrap(BigInt(this.program.inputs.args[index] ?? 0), local.type),
      );
      const value = this.call(main, args);
      return { kind: "returned", value: value === null ? null : toBits(value) };
    } catch (error) {
      if (error instanceof Fault) return { kind: "fault", reason: error.reason };
      if (error instanceof AddressFault) return { kind: "fault", reason: error.reason };
      if (error instanceof DivisionByZero) return { kind: "fault", reason: "divideByZero" };
      if (error instanceof Blocked) return { kind: "blocked" };
      if (error instanceof TooLong) return { kind: "tooLong" };
      throw error;
    }
  }

  private spend(): void {
    this.budget -= 1;
    if (this.budget < 0) throw new TooLong();
  }

  private call(callee: FuzzFunction, args: readonly bigint[]): bigint | null {
    const frame: Frame = new Map();
    callee.parameters.forEach((local, index) => {
      frame.set(local, args[index] as bigint);
    });
    const completion = this.block(callee.body, frame);
    if (completion?.kind === "return") return completion.value;
    if (callee.result !== null) throw new Fault("noReturn");
    return null;
  }

  private block(body: readonly Statement[], frame: Frame): Completion {
    for (const statement of body) {
      const completion = this.statement(statement, frame);
      if (completion !== null) return completion;
    }
    return null;
  }

  private statement(statement: Statement, frame: Frame): Completion {
    this.spend();
    switch (statement.kind) {
      case "let":
        frame.set(statement.local, this.value(statement.value, frame));
        return null;
      case "assign":
        this.assign(statement, frame);
        return null;
      case "step": {
        const by = statement.operator === "++" ? 1n : -1n;
        frame.set(statement.local, wrap(this.local(statement.local, frame) + by, statement.local.type));
        return null;
      }
      case "expression":
        this.evaluate(statement.value, frame);
        return null;
      case "if":
        if (this.test(statement.test, frame)) return this.block(statement.then, frame);
        return statement.else === null ? null : this.block(statement.else, frame);
      case "block":
        return leaveBlock(this.block(statement.body, frame), statement.label);
      case "switch":
        return this.switch(statement, frame);
      case "break":
      case "continue":
        return { kind: statement.kind, label: statement.label };
      case "return":
        return {
          kind: "return",
          value: statement.value === null ? null : this.value(statement.value, frame),
        };
      default:
        return this.loop(statement, frame);
    }
  }

  private assign(statement: Statement & { kind: "assign" }, frame: Frame): void {
    const { local, operator } = statement;
    // Only statements write locals, so it cannot show whether the old value is read before or after the right side.
    const before = this.local(local, frame);
    const value = this.value(statement.value, frame);
    if (operator === "=") {
      frame.set(local, value);
      return;
    }
    const binary = operator.slice(0, -1) as Parameters<typeof applyBinary>[0];
    frame.set(local, applyBinary(binary, before, value, local.type, local.type));
  }

  private loop(statement: Statement & { kind: "while" | "doWhile" | "for" }, frame: Frame): Completion {
    if (statement.kind === "for" && statement.initial !== null) this.statement(statement.initial, frame);
    let first = true;
    for (;;) {
      this.spend();
      const skipTest = (statement.kind === "doWhile" && first) || statement.test === null;
      first = false;
      if (!skipTest && !this.test(statement.test as Expr, frame)) return null;
      const completion = this.block(statement.body, frame);
      if (completion?.kind === "return") return completion;
      if (completion !== null) {
        const mine = completion.label === null || completion.label === statement.label;
        if (!mine) return completion;
        if (completion.kind === "break") return null;
      }
      if (statement.kind === "for" && statement.update !== null) this.statement(statement.update, frame);
    }
  }

  private switch(statement: Statement & { kind: "switch" }, frame: Frame): Completion {
    const value = this.value(statement.value, frame);
    let entered = statement.clauses.findIndex((clause) =>
      clause.values.some((candidate) => this.value(candidate, frame) === value),
    );
    if (entered < 0) entered = statement.clauses.findIndex((clause) => clause.isDefault);
    if (entered < 0) return null;
    for (const clause of statement.clauses.slice(entered)) {
      const completion = this.block(clause.body, frame);
      if (completion === null) continue;
      if (completion.kind === "break" && completion.label === null) return null;
      return leaveBlock(completion, statement.label);
    }
    return null;
  }

  private local(local: Local, frame: Frame): bigint {
    const value = frame.get(local);
    if (value === undefined) throw new Error(`local ${local.name} is read before it has a value`);
    return value;
  }

  private test(expr: Expr, frame: Frame): boolean {
    return this.value(expr, frame) === 1n;
  }

  private value(expr: Expr, frame: Frame): bigint {
    const value = this.evaluate(expr, frame);
    if (value === null) throw new Error(`a ${expr.kind} gave no value`);
    return value;
  }

  private evaluate(expr: Expr, frame: Frame): bigint | null {
    this.spend();
    switch (expr.kind) {
      case "literal":
        return expr.value;
      case "constant":
        return this.value(expr.constant.value, frame);
      case "local":
        return this.local(expr.local, frame);
      case "unary":
        return applyUnary(expr.operator, this.value(expr.operand, frame), expr.type);
      case "binary": {
        const left = this.value(expr.left, frame);
        const right = this.value(expr.right, frame);
        return applyBinary(
          expr.operator,
          left,
          right,
          expr.left.type as NonNullable<Expr["type"]>,
          expr.type,
        );
      }
      case "logical": {
        const left = this.value(expr.left, frame);
        const decided = expr.operator === "&&" ? left === 0n : left === 1n;
        return decided ? left : this.value(expr.right, frame);
      }
      case "ternary":
        return this.value(this.test(expr.test, frame) ? expr.then : expr.else, frame);
      case "convert":
        return wrap(this.value(expr.operand, frame), expr.type);
      case "call":
        return this.call(
          expr.callee,
          expr.args.map((arg) => this.value(arg, frame)),
        );
      case "operation": {
        const operands = expr.args.map((arg) => toBits(this.value(arg, frame)));
        const result = this.world.perform(expr.operation, operands);
        if (result === "blocked") throw new Blocked();
        return expr.type === null ? null : wrap(BigInt(result), expr.type);
      }
      case "script": {
        const offset = Number(this.value(expr.offset, frame));
        const word = this.program.inputs.script[offset / 4];
        if (word === undefined) throw new Error(`script read at ${offset}`);
        return BigInt(word);
      }
      case "thisCpu":
        return BigInt(this.program.inputs.cpu);
    }
  }
}

/** A labelled block or switch swallows a break to its label. */
function leaveBlock(completion: Completion, label: string | null): Completion {
  if (completion?.kind === "break" && completion.label !== null && completion.label === label) return null;
  return completion;
}
