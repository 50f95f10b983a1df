/**
 * One random portable program per seed: constants and enums, a handful of functions that call each other without cycles,
 * and the inputs that it runs on. The same seed gives the same program, everywhere.
 */
import { applyBinary } from "./arithmetic.ts";
import { binary, callTo, expression, literal } from "./generate-expressions.ts";
import { sequence } from "./generate-statements.ts";
import type {
  BinaryOperator,
  Constant,
  Expr,
  FuzzFunction,
  FuzzProgram,
  Inputs,
  Local,
  SourceLayout,
  Statement,
  Type,
} from "./program.ts";
import { arenaCells, scriptWords } from "./program.ts";
import { Rng } from "./random.ts";
import { FunctionScope, type Traits } from "./scope.ts";

/** The program of a seed. `fixed` overrides what a program may contain. */
export function generateProgram(seed: string, fixed: Partial<Traits> = {}): FuzzProgram {
  const rng = new Rng(seed);
  const traits: Traits = {
    faults: rng.chance(0.3),
    badAddresses: rng.chance(0.06),
    operations: rng.chance(0.9),
    kernelOperations: rng.chance(0.1),
    ...fixed,
  };
  const constants = makeConstants(rng);
  const functions: FuzzFunction[] = [];
  const helpers = rng.below(6);
  const libraryHelpers = rng.chance(0.4) ? rng.below(helpers + 1) : 0;
  for (let i = 0; i < helpers; i++)
    functions.push(makeFunction(rng, traits, constants, functions, `f${i}`, i < libraryHelpers));
  functions.push(makeMain(rng, traits, constants, functions));
  const inner = functions.slice(0, -1).filter((fn) => !fn.library && rng.chance(0.3));
  const layout: SourceLayout = {
    callersFirst: rng.chance(0.3),
    facade: rng.weighted([
      [6, null],
      [1, "names"],
      [1, "star"],
    ]),
    extraEntries: inner.map((fn) => fn.name),
  };
  return { seed, constants, functions, inputs: makeInputs(rng), layout };
}

/** Factor by which a function is longer: long ones are cut into pieces and keep many locals alive. */
function large(rng: Rng): number {
  return rng.chance(0.04) ? 6 : 1;
}

const parameterTypes: readonly Type[] = ["i32", "i32", "u32", "ptr", "bool"];
const resultTypes: readonly (Type | null)[] = ["i32", "i32", "i32", "u32", "u32", "bool", "ptr", null, null];

function makeFunction(
  rng: Rng,
  traits: Traits,
  constants: readonly Constant[],
  callees: readonly FuzzFunction[],
  name: string,
  library: boolean,
): FuzzFunction {
  const result = rng.pick(resultTypes);
  const usable = library ? constants.filter((constant) => constant.library) : constants;
  const scope = new FunctionScope(rng, traits, usable, callees, result, large(rng) * rng.between(2, 16));
  // Short bodies are what back ends inline into each other; many of them are one expression.
  if (result !== null && rng.chance(0.25)) scope.budget = 0;
  const parameters = makeParameters(scope, rng.below(4));
  return { name, parameters, result, body: functionBody(scope), library };
}

/** `main` always takes one parameter of each kind, so that nothing can be folded away. */
function makeMain(
  rng: Rng,
  traits: Traits,
  constants: readonly Constant[],
  callees: readonly FuzzFunction[],
): FuzzFunction {
  const result = rng.pick<Type>(["i32", "i32", "u32", "bool", "ptr"]);
  const scope = new FunctionScope(rng, traits, constants, callees, result, large(rng) * rng.between(8, 36));
  const parameters: Local[] = (["i32", "i32", "u32", "u32"] as const).map((type) => ({
    name: scope.freshName(),
    type,
  }));
  for (const local of parameters) scope.declare(local, true);
  const body = [...callSome(scope), ...functionBody(scope)];
  return { name: "main", parameters, result, body, library: false };
}

/** Calls of functions that `main` might not come to otherwise; what they return is marked at the end. */
function callSome(scope: FunctionScope): Statement[] {
  const chosen = scope.callees.filter(() => scope.rng.chance(0.5));
  return chosen.map((callee) => {
    const value = callTo(scope, callee, 2);
    if (callee.result === null) return { kind: "expression", value };
    const local: Local = { name: scope.freshName(), type: callee.result };
    scope.declare(local, true);
    return { kind: "let", local, mutable: true, annotated: true, value };
  });
}

function makeParameters(scope: FunctionScope, count: number): Local[] {
  const parameters: Local[] = [];
  for (let i = 0; i < count; i++) {
    const local: Local = { name: scope.freshName(), type: scope.rng.pick(parameterTypes) };
    // Callers pass addresses of the arena for every ptr, and the function keeps them.
    scope.declare(local, local.type !== "ptr", local.type === "ptr");
    parameters.push(local);
  }
  return parameters;
}

function functionBody(scope: FunctionScope): Statement[] {
  const body: Statement[] = [];
  while (scope.budget > 0) {
    body.push(...sequence(scope, 0));
    if (body.at(-1)?.kind === "return") return body;
  }
  if (scope.traits.operations && scope.rng.chance(0.6)) body.push(...markLocals(scope));
  if (scope.result !== null) body.push({ kind: "return", value: expression(scope, scope.result, 3) });
  return body;
}

/** Marks what some locals have become: else a wrong value that nobody uses would go unseen. */
function markLocals(scope: FunctionScope): Statement[] {
  return scope.visible.slice(-6).map(({ local }, index) => {
    const read: Expr = { kind: "local", local, type: local.type };
    const value: Expr = local.type === "i32" ? read : { kind: "convert", operand: read, type: "i32" };
    const args = [literal(100 + index, "i32"), value];
    return { kind: "expression", value: { kind: "operation", operation: "mark", args, type: null } };
  });
}

const constantOperators: readonly BinaryOperator[] = [
  "+",
  "-",
  "*",
  "&",
  "|",
  "^",
  "/",
  "%",
  "<<",
  ">>",
  ">>>",
];

function makeConstants(rng: Rng): Constant[] {
  const constants: Constant[] = [];
  const library = rng.chance(0.4);
  const count = rng.below(5);
  for (let i = 0; i < count; i++) {
    const type = rng.pick<Type>(["i32", "i32", "u32", "bool"]);
    constants.push({
      name: `k${i}`,
      enumName: null,
      type,
      value: constantExpression(rng, type, constants, library && i < 2),
      library: library && i < 2,
    });
  }
  if (rng.chance(0.5)) {
    for (const [index, name] of ["first", "second", "third"].entries()) {
      const previous = constants.at(-1);
      if (
        index > 0 &&
        previous?.enumName === "Field" &&
        rng.chance(0.4) &&
        constantValue(previous.value) < 0x7fffffffn
      ) {
        const before: Expr = { kind: "constant", constant: previous, type: "i32" };
        const value = binary("+", before, literal(1, "i32"), "i32");
        constants.push({ name, enumName: "Field", type: "i32", value, library, implicit: true });
        continue;
      }
      const value =
        index === 0 ? literal(4 * rng.below(8), "i32") : constantExpression(rng, "i32", constants, library);
      constants.push({ name, enumName: "Field", type: "i32", value, library });
    }
  }
  return constants;
}

/** A constant expression without a division by zero; in the library it may use the library's constants alone. */
function constantExpression(rng: Rng, type: Type, known: readonly Constant[], library: boolean): Expr {
  const usable = known.filter((constant) => constant.type === type && (!library || constant.library));
  const operand = (): Expr => {
    if (usable.length === 0 || rng.chance(0.5))
      return literal(type === "bool" ? rng.below(2) : rng.bits(), type);
    const constant = rng.pick(usable);
    return { kind: "constant", constant, type: constant.type };
  };
  if (type === "bool") {
    if (rng.chance(0.5)) return operand();
    return binary(
      rng.pick(["<", "===", ">="]),
      literal(rng.bits(), "i32"),
      literal(rng.bits(), "i32"),
      "bool",
    );
  }
  if (rng.chance(0.4)) return operand();
  // `>>>` makes a u32.
  const operator = rng.pick(
    type === "u32" ? constantOperators : constantOperators.filter((one) => one !== ">>>"),
  );
  const [left, right] = [operand(), operand()];
  try {
    applyBinary(operator, constantValue(left), constantValue(right), type, type);
  } catch {
    return left;
  }
  return binary(operator, left, right, type);
}

function constantValue(expr: Expr): bigint {
  if (expr.kind === "literal") return expr.value;
  if (expr.kind === "constant") return constantValue(expr.constant.value);
  if (expr.kind !== "binary") throw new Error(`a ${expr.kind} is not constant`);
  return applyBinary(
    expr.operator,
    constantValue(expr.left),
    constantValue(expr.right),
    expr.left.type as Type,
    expr.type,
  );
}

function makeInputs(rng: Rng): Inputs {
  const many = (count: number): number[] => Array.from({ length: count }, () => rng.bits());
  return {
    args: many(4),
    arena: many(arenaCells),
    script: many(scriptWords),
    cpu: rng.below(8),
    tick: rng.bits(),
  };
}
