/**
 * Checks that a program in the typed form is well formed: ids and labels exist, types fit, divisions in expressions are
 * safe. Tests and the fuzzer run it on everything the front end makes, so that a back end may rely on it.
 */
import { opByCode } from "../machine/ops.ts";
import { isComparison } from "./front/fold.ts";
import type { IrExpr, IrFunction, IrProgram, IrStatement, IrType } from "./ir.ts";

const divisions: ReadonlySet<string> = new Set(["divS", "divU", "remS", "remU"]);

/** What is wrong with a program, one sentence each; empty where it is well formed. */
export function verifyIr(program: IrProgram): string[] {
  const faults: string[] = [];
  for (const [index, entry] of program.functions.entries()) {
    if (entry.id !== index) faults.push(`function ${entry.name} has id ${entry.id} at index ${index}`);
    faults.push(...new FunctionVerifier(program, entry).faults());
  }
  for (const [name, id] of program.entries) {
    if (program.functions[id] === undefined) faults.push(`entry ${name} names no function`);
  }
  return faults;
}

/** Whether a division can neither fault nor, being signed, overflow; the bits of -1 are a harmless 4294967295 to an unsigned one. */
function isSafeDivisor(op: string, divisor: IrExpr): boolean {
  if (divisor.kind !== "const" || divisor.value === 0) return false;
  return divisor.value !== -1 || op === "divU" || op === "remU";
}

class FunctionVerifier {
  private readonly found: string[] = [];
  private readonly labels = new Set<number>();

  constructor(
    private readonly program: IrProgram,
    private readonly entry: IrFunction,
  ) {}

  faults(): string[] {
    this.statements(this.entry.body, new Set(), new Set());
    return this.found;
  }

  private fault(text: string): void {
    this.found.push(`${this.entry.name}: ${text}`);
  }

  private localType(local: number): IrType | undefined {
    return this.entry.locals[local]?.type;
  }

  /** Integers of any kind share their bits; a bool is never one of them. */
  private fits(value: IrType | undefined, target: IrType | undefined, what: string): void {
    if (value === undefined || target === undefined || (value === "bool") !== (target === "bool")) {
      this.fault(`${what}: ${value} where ${target} is needed`);
    }
  }

  private expression(expr: IrExpr): void {
    switch (expr.kind) {
      case "const":
        if ((expr.value | 0) !== expr.value) this.fault(`constant ${expr.value} is no signed 32-bit integer`);
        if (expr.type === "bool" && expr.value !== 0 && expr.value !== 1)
          this.fault(`bool constant ${expr.value}`);
        return;
      case "local":
        this.fits(this.localType(expr.local), expr.type, `local ${expr.local}`);
        return;
      case "binary":
        this.expression(expr.left);
        this.expression(expr.right);
        this.fits(expr.left.type, expr.right.type, `operands of ${expr.op}`);
        if (isComparison(expr.op) !== (expr.type === "bool")) this.fault(`${expr.op} yields ${expr.type}`);
        if (divisions.has(expr.op) && !isSafeDivisor(expr.op, expr.right)) {
          this.fault(`${expr.op} by a divisor that may fault, inside an expression`);
        }
        return;
      case "conditional":
        this.expression(expr.test);
        this.expression(expr.then);
        this.expression(expr.else);
        this.fits(expr.test.type, "bool", "test of a conditional");
        this.fits(expr.then.type, expr.type, "arm of a conditional");
        this.fits(expr.else.type, expr.type, "arm of a conditional");
        return;
      case "script":
        this.expression(expr.offset);
        return;
      default:
    }
  }

  private statements(
    body: readonly IrStatement[],
    exits: ReadonlySet<number>,
    loops: ReadonlySet<number>,
  ): void {
    for (const statement of body) this.statement(statement, exits, loops);
  }

  private statement(statement: IrStatement, exits: ReadonlySet<number>, loops: ReadonlySet<number>): void {
    switch (statement.kind) {
      case "assign":
        this.expression(statement.value);
        this.fits(statement.value.type, this.localType(statement.local), `assignment to ${statement.local}`);
        return;
      case "op": {
        const info = opByCode(statement.op);
        for (const arg of statement.args) this.expression(arg);
        if (statement.args.length !== info.operands.length)
          this.fault(`${info.name} has ${statement.args.length} operands`);
        if (statement.args.some((arg) => arg.type === "bool")) this.fault(`${info.name} takes no bool`);
        if (statement.result !== null) {
          if (!info.returns) this.fault(`${info.name} returns nothing`);
          this.fits("i32", this.localType(statement.result), `result of ${info.name}`);
        }
        return;
      }
      case "divide":
        this.expression(statement.left);
        this.expression(statement.right);
        this.fits("i32", this.localType(statement.result), "quotient");
        return;
      case "call":
        this.call(statement);
        return;
      case "if":
        this.expression(statement.test);
        this.fits(statement.test.type, "bool", "test of an if");
        this.statements(statement.then, exits, loops);
        this.statements(statement.else, exits, loops);
        return;
      case "block":
      case "loop": {
        if (this.labels.has(statement.label)) this.fault(`label ${statement.label} stands twice`);
        this.labels.add(statement.label);
        const inner = (set: ReadonlySet<number>): ReadonlySet<number> => new Set([...set, statement.label]);
        if (statement.kind === "block") this.statements(statement.body, inner(exits), loops);
        else this.statements(statement.body, exits, inner(loops));
        return;
      }
      case "break":
        if (!exits.has(statement.label))
          this.fault(`break to ${statement.label}, which is no block around it`);
        return;
      case "continue":
        if (!loops.has(statement.label))
          this.fault(`continue to ${statement.label}, which is no loop around it`);
        return;
      case "switch":
        this.expression(statement.value);
        if (new Set(statement.cases.map((entry) => entry.value)).size !== statement.cases.length)
          this.fault("a case stands twice");
        for (const label of [statement.default, ...statement.cases.map((entry) => entry.label)]) {
          if (!exits.has(label)) this.fault(`switch to ${label}, which is no block around it`);
        }
        return;
      case "return":
        if ((statement.value === null) !== (this.entry.result === null))
          this.fault("return does not fit the result");
        if (statement.value !== null) {
          this.expression(statement.value);
          this.fits(statement.value.type, this.entry.result ?? undefined, "return");
        }
        return;
      default:
    }
  }

  private call(statement: IrStatement & { kind: "call" }): void {
    const callee = this.program.functions[statement.callee];
    if (callee === undefined) {
      this.fault(`call of function ${statement.callee}, which does not exist`);
      return;
    }
    if (callee.id >= this.entry.id) this.fault(`${callee.name} must come before its caller`);
    if (statement.args.length !== callee.parameters)
      this.fault(`${callee.name} has ${statement.args.length} arguments`);
    for (const [index, arg] of statement.args.entries()) {
      this.expression(arg);
      this.fits(arg.type, callee.locals[index]?.type, `argument ${index} of ${callee.name}`);
    }
    if (statement.result !== null)
      this.fits(callee.result ?? undefined, this.localType(statement.result), `result of ${callee.name}`);
  }
}
