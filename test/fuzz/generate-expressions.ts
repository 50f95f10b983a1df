/**
 * Random expressions of a wanted type. Everything that is made is well typed by the language's own rules: no mixing of
 * i32, u32, ptr and bool without a conversion.
 */
import { wrap } from "./arithmetic.ts";
import type { BinaryOperator, Expr, FuzzFunction, OperationName, Type } from "./program.ts";
import { arenaBase, arenaCells, scriptWords } from "./program.ts";
import { walkExpr } from "./rewrite.ts";
import type { FunctionScope } from "./scope.ts";

const arithmetic: readonly BinaryOperator[] = ["+", "-", "*", "&", "|", "^"];
const divisions: readonly BinaryOperator[] = ["/", "%"];
const shifts: readonly BinaryOperator[] = ["<<", ">>", ">>>"];
const orders: readonly BinaryOperator[] = ["<", "<=", ">", ">="];
const equalities: readonly BinaryOperator[] = ["===", "!=="];

export function literal(value: bigint | number, type: Type): Expr {
  return { kind: "literal", value: wrap(BigInt(value), type), type };
}

export function binary(operator: BinaryOperator, left: Expr, right: Expr, type: Type): Expr {
  return { kind: "binary", operator, left, right, type };
}

/** An expression of that type, at most `depth` operators deep. */
export function expression(scope: FunctionScope, type: Type, depth: number): Expr {
  if (depth <= 0 || scope.rng.chance(0.12)) return leaf(scope, type);
  const call = callOf(scope, type, depth);
  if (call !== null && scope.rng.chance(0.14)) return call;
  if (scope.rng.chance(0.09)) {
    return {
      kind: "ternary",
      test: expression(scope, "bool", depth - 1),
      then: expression(scope, type, depth - 1),
      else: expression(scope, type, depth - 1),
      type,
    };
  }
  if (type === "bool") return boolean(scope, depth);
  if (scope.traits.operations && scope.rng.chance(0.2)) return operationResult(scope, type, depth);
  return type === "ptr" ? pointer(scope, depth) : integer(scope, type, depth);
}

function leaf(scope: FunctionScope, type: Type): Expr {
  const { rng } = scope;
  const locals = scope.readable(type);
  const constants = scope.constants.filter((constant) => constant.type === type);
  const kind = rng.weighted([
    [locals.length > 0 ? 10 : 0, "local"],
    [constants.length > 0 ? 2 : 0, "constant"],
    [type === "i32" ? 1 : 0, "pure"],
    [3, "literal"],
  ]);
  if (kind === "local") {
    const local = rng.pick(locals);
    return { kind: "local", local, type: local.type };
  }
  if (kind === "constant") {
    const constant = rng.pick(constants);
    return { kind: "constant", constant, type: constant.type };
  }
  if (kind === "pure") return rng.chance(0.3) ? { kind: "thisCpu", type: "i32" } : scriptRead(scope, 0);
  if (type === "bool") return literal(rng.below(2), type);
  if (type === "ptr" && rng.chance(0.7)) return address(scope, 0);
  return literal(rng.bits(), type);
}

/** `script(...)` at an offset that is always inside the script. */
function scriptRead(scope: FunctionScope, depth: number): Expr {
  const { rng } = scope;
  if (depth <= 0 || rng.chance(0.4)) {
    return { kind: "script", offset: literal(4 * rng.below(scriptWords), "i32"), type: "i32" };
  }
  const masked = binary("&", expression(scope, "i32", depth - 1), literal(scriptWords - 1, "i32"), "i32");
  const offset = rng.chance(0.5)
    ? binary("<<", masked, literal(2, "i32"), "i32")
    : binary("*", masked, literal(4, "i32"), "i32");
  return { kind: "script", offset, type: "i32" };
}

/** A script read that would lie far outside, were its arm evaluated when it must not be. */
function guardedScript(scope: FunctionScope, depth: number): Expr {
  const { rng } = scope;
  const bit = binary("&", expression(scope, "i32", depth - 1), literal(1, "i32"), "i32");
  // Only without operations and calls: the bit is computed twice.
  if (!isPure(bit)) return scriptRead(scope, depth);
  const far = binary("<<", bit, literal(24, "i32"), "i32");
  const read: Expr = {
    kind: "script",
    offset: binary("+", far, literal(4 * rng.below(scriptWords), "i32"), "i32"),
    type: "i32",
  };
  const other = expression(scope, "i32", depth - 1);
  const test = binary("===", bit, literal(0, "i32"), "bool");
  return { kind: "ternary", test, then: read, else: other, type: "i32" };
}

/** Whether an expression gives the same value whenever it is evaluated, and does nothing else. */
function isPure(expr: Expr): boolean {
  let pure = true;
  walkExpr(expr, (part) => {
    if (part.kind === "call" || part.kind === "operation") pure = false;
  });
  return pure;
}

function integer(scope: FunctionScope, type: "i32" | "u32", depth: number): Expr {
  const { rng } = scope;
  const inner = (): Expr => expression(scope, type, depth - 1);
  const kind = rng.weighted([
    [8, "arithmetic"],
    [3, "division"],
    [3, "shift"],
    [2, "unary"],
    [3, "convert"],
    [type === "i32" ? 1 : 0, "script"],
    [type === "i32" ? 1 : 0, "distance"],
    [type === "i32" ? 0.5 : 0, "guardedScript"],
  ]);
  switch (kind) {
    case "arithmetic":
      return binary(rng.pick(arithmetic), inner(), inner(), type);
    case "division": {
      const dividend = inner();
      return binary(rng.pick(divisions), dividend, divisor(scope, type, depth), type);
    }
    case "shift": {
      // `>>>` hands back a u32 whatever is shifted; the count may be of either type.
      const operator = rng.pick(shifts);
      const shiftedType = operator === ">>>" ? rng.pick(["i32", "u32"] as const) : type;
      const shifted = expression(scope, shiftedType, depth - 1);
      const countType = rng.pick(["i32", "u32"] as const);
      const literalCount = literal(rng.pick([0, 1, 2, 5, 16, 31, 32, 33, -1]), countType);
      const count = rng.chance(0.5) ? literalCount : expression(scope, countType, depth - 1);
      const result = binary(operator, shifted, count, operator === ">>>" ? "u32" : type);
      return result.type === type ? result : { kind: "convert", operand: result, type };
    }
    case "unary":
      return { kind: "unary", operator: rng.pick(["-", "~"]), operand: inner(), type };
    case "script":
      return scriptRead(scope, depth);
    case "guardedScript":
      return guardedScript(scope, depth);
    case "distance":
      return binary("-", expression(scope, "ptr", depth - 1), expression(scope, "ptr", depth - 1), "i32");
    default:
      return conversion(scope, type, rng.pick(["i32", "u32", "ptr", "bool"]), depth);
  }
}

/** `type(x)` of an x with a type of its own; a conversion to the type that it has already is left out. */
function conversion(scope: FunctionScope, type: "i32" | "u32" | "ptr", from: Type, depth: number): Expr {
  if (from === type || (type === "ptr" && from === "bool")) return expression(scope, type, depth - 1);
  const operand = expression(scope, from, depth - 1);
  return {
    kind: "convert",
    operand: operand.kind === "literal" ? leafLocal(scope, from, operand) : operand,
    type,
  };
}

/** A local of that type where there is one: `u32(-5)` says less about conversions than `u32(v1)`. */
function leafLocal(scope: FunctionScope, type: Type, otherwise: Expr): Expr {
  const locals = scope.readable(type);
  return locals.length === 0 ? otherwise : { kind: "local", local: scope.rng.pick(locals), type };
}

/** A divisor that is zero only in programs that may fault, and then seldom. */
export function divisor(scope: FunctionScope, type: "i32" | "u32", depth: number): Expr {
  const { rng } = scope;
  if (scope.traits.faults && rng.chance(0.3)) return doubtfulDivisor(scope, type, depth);
  if (rng.chance(0.4)) {
    const bits = rng.bits();
    return literal(bits === 0 ? -1 : bits, type);
  }
  if (type === "i32" && rng.chance(0.15)) return literal(-1, type);
  return binary(
    "|",
    expression(scope, type, depth - 1),
    literal(rng.pick([1, 1, 2, 8, -0x80000000]), type),
    type,
  );
}

/** A divisor that is zero every now and then. */
function doubtfulDivisor(scope: FunctionScope, type: "i32" | "u32", depth: number): Expr {
  const { rng } = scope;
  const kind = rng.below(8);
  if (kind === 0) return literal(0, type);
  const value = expression(scope, type, depth - 1);
  if (kind < 4) return value;
  return binary("&", value, literal(rng.pick([1, 3, 4, -0x80000000]), type), type);
}

function boolean(scope: FunctionScope, depth: number): Expr {
  const { rng } = scope;
  const kind = rng.weighted([
    [6, "order"],
    [4, "equal"],
    [4, "logical"],
    [2, "not"],
  ]);
  switch (kind) {
    case "order": {
      const type = rng.pick<Type>(["i32", "i32", "u32", "u32", "ptr"]);
      return binary(
        rng.pick(orders),
        expression(scope, type, depth - 1),
        expression(scope, type, depth - 1),
        "bool",
      );
    }
    case "equal": {
      const type = rng.pick<Type>(["i32", "u32", "ptr", "bool"]);
      return binary(
        rng.pick(equalities),
        expression(scope, type, depth - 1),
        expression(scope, type, depth - 1),
        "bool",
      );
    }
    case "logical":
      return {
        kind: "logical",
        operator: rng.pick(["&&", "||"]),
        left: expression(scope, "bool", depth - 1),
        right: expression(scope, "bool", depth - 1),
        type: "bool",
      };
    default:
      return { kind: "unary", operator: "!", operand: expression(scope, "bool", depth - 1), type: "bool" };
  }
}

function pointer(scope: FunctionScope, depth: number): Expr {
  const { rng } = scope;
  const kind = rng.weighted([
    [3, "address"],
    [4, "move"],
    [2, "convert"],
  ]);
  if (kind === "address") return address(scope, depth);
  if (kind === "convert") return conversion(scope, "ptr", rng.pick(["i32", "u32"]), depth);
  const base = expression(scope, "ptr", depth - 1);
  const distance = expression(scope, "i32", depth - 1);
  if (rng.chance(0.15)) return binary("+", distance, base, "ptr");
  return binary(rng.pick(["+", "-"]), base, distance, "ptr");
}

/** A condition that holds about every other time: one bit of something that changes. */
export function coin(scope: FunctionScope): Expr {
  const { rng } = scope;
  if (rng.chance(0.35)) return expression(scope, "bool", 2);
  const type = rng.pick(["i32", "u32"] as const);
  const locals = scope.readable(type);
  const operand: Expr =
    locals.length > 0 ? { kind: "local", local: rng.pick(locals), type } : expression(scope, type, 1);
  const bit = binary("&", operand, literal(rng.pick([1, 2, 4]), type), type);
  return binary(rng.pick(equalities), bit, literal(0, type), "bool");
}

/** The address of a cell of the arena; in programs with bad addresses seldom something else. */
export function address(scope: FunctionScope, depth: number): Expr {
  const { rng } = scope;
  if (scope.traits.badAddresses && rng.chance(0.04)) {
    return literal(
      rng.pick([0, 4, 60, 1022, arenaBase + 1, arenaBase + 2, 65536, 65540, -4, -0x80000000]),
      "ptr",
    );
  }
  const locals = scope.addresses();
  if (locals.length > 0 && rng.chance(0.5)) return { kind: "local", local: rng.pick(locals), type: "ptr" };
  if (depth <= 0 || rng.chance(0.5)) return literal(arenaBase + 4 * rng.below(arenaCells), "ptr");
  if (rng.chance(0.25)) {
    // base + index * 4 in unsigned arithmetic, as table look-ups write it.
    const index = binary("&", expression(scope, "u32", depth - 1), literal(arenaCells - 1, "u32"), "u32");
    const sum = binary("+", binary("*", index, literal(4, "u32"), "u32"), literal(arenaBase, "u32"), "u32");
    return { kind: "convert", operand: sum, type: "ptr" };
  }
  const masked = binary(
    "&",
    expression(scope, "i32", depth - 1),
    literal((arenaCells - 1) * 4, "i32"),
    "i32",
  );
  if (rng.chance(0.8)) return binary("+", literal(arenaBase, "ptr"), masked, "ptr");
  // From the arena's end backwards: the distance is negative.
  const back = binary("|", masked, literal(-arenaCells * 4, "i32"), "i32");
  return binary("+", literal(arenaBase + arenaCells * 4, "ptr"), back, "ptr");
}

/** An operation that hands a cell back. */
function operationResult(scope: FunctionScope, type: Type, depth: number): Expr {
  const { rng } = scope;
  const operation = rng.weighted<OperationName>([
    [5, "load"],
    [1, "loadAcquire"],
    [4, "fetchAdd"],
    [1, "fetchAnd"],
    [1, "fetchOr"],
    [2, "exchange"],
    [2, "compareExchange"],
    [type === "i32" ? 0.5 : 0, "now"],
  ]);
  return { kind: "operation", operation, args: operands(scope, operation, depth - 1), type };
}

/** Operands of an operation: an address, then values of any integer type. */
export function operands(scope: FunctionScope, operation: OperationName, depth: number): Expr[] {
  const value = (): Expr => expression(scope, scope.rng.pick<Type>(["i32", "i32", "u32", "ptr"]), depth);
  switch (operation) {
    case "load":
    case "loadAcquire":
      return [address(scope, depth)];
    case "store":
    case "storeRelease":
    case "exchange":
      return [address(scope, depth), value()];
    case "fetchAdd":
    case "fetchAnd":
    case "fetchOr":
      return [address(scope, depth), value()];
    case "compareExchange":
      return [address(scope, depth), value(), value()];
    default:
      return [];
  }
}

/** A call of a function that returns that type, or null where there is none. */
export function callOf(scope: FunctionScope, type: Type | null, depth: number): Expr | null {
  const callees = scope.callees.filter((callee) => callee.result === type);
  if (callees.length === 0) return null;
  return callTo(scope, scope.rng.pick(callees), depth);
}

/** A call of that function. */
export function callTo(scope: FunctionScope, callee: FuzzFunction, depth: number): Expr {
  const args = callee.parameters.map((parameter) =>
    parameter.type === "ptr" ? address(scope, depth - 1) : expression(scope, parameter.type, depth - 1),
  );
  return { kind: "call", callee, args, type: callee.result };
}
