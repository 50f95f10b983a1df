/** Estimates how many characters of JavaScript a piece of the typed form becomes; what is inlined depends on it. */
import type { IrExpr, IrStatement } from "../ir.ts";

// Measured on generated kernels: a local is `a7` or `S[B+31]`, an operation ends in `S[B]=417;return 5;` and begins the
// next case, a call also writes its return pc.
const localCharacters = 6;
const operatorCharacters = 5;
const storeCharacters = 12;
const operationCharacters = 32;
const callCharacters = 50;
const branchCharacters = 16;

/** Characters of an expression. */
export function expressionWeight(expr: IrExpr): number {
  switch (expr.kind) {
    case "const":
      return 3;
    case "local":
      return localCharacters;
    case "thisCpu":
      return localCharacters;
    case "binary":
      return operatorCharacters + expressionWeight(expr.left) + expressionWeight(expr.right);
    case "conditional":
      return 4 + expressionWeight(expr.test) + expressionWeight(expr.then) + expressionWeight(expr.else);
    case "script":
      return 20 + expressionWeight(expr.offset);
  }
}

function argumentsWeight(args: readonly IrExpr[]): number {
  let sum = 0;
  for (const arg of args) sum += storeCharacters + expressionWeight(arg);
  return sum;
}

/** Characters of one statement with all that is in it. */
export function statementWeight(statement: IrStatement): number {
  switch (statement.kind) {
    case "assign":
      return storeCharacters + expressionWeight(statement.value);
    case "op":
      return operationCharacters + argumentsWeight(statement.args);
    case "divide":
      return 50 + 2 * expressionWeight(statement.right) + expressionWeight(statement.left);
    case "call":
      return callCharacters + argumentsWeight(statement.args);
    case "if":
      return (
        branchCharacters + expressionWeight(statement.test) + weigh(statement.then) + weigh(statement.else)
      );
    case "block":
    case "loop":
      return branchCharacters + weigh(statement.body);
    case "break":
    case "continue":
      return 16;
    case "switch":
      return branchCharacters + 24 * statement.cases.length + expressionWeight(statement.value);
    case "return":
      return 24 + (statement.value === null ? 0 : expressionWeight(statement.value));
    case "fault":
      return 32;
  }
}

/** Characters of a list of statements. */
export function weigh(statements: readonly IrStatement[]): number {
  let sum = 0;
  for (const statement of statements) sum += statementWeight(statement);
  return sum;
}
