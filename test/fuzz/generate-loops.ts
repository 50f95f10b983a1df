/**
 * Random loops that end: each has a counter that only its own head or first statement moves.
 */
import { binary, expression, literal } from "./generate-expressions.ts";
import type { BinaryOperator, Expr, Local, Statement } from "./program.ts";
import type { FunctionScope } from "./scope.ts";

/** Makes the statements of a block in an inner scope. */
type BlockMaker = (scope: FunctionScope, nesting: number) => Statement[];

/** How a counter starts, steps and is tested. */
interface Counter {
  readonly local: Local;
  readonly start: Expr;
  readonly step: Statement;
  readonly test: Expr;
}

/**
 * A loop, preceded by the declaration of its counter where that does not stand in its head.
 * @param outer label of a loop around it that its body jumps to
 */
export function loopStatement(
  scope: FunctionScope,
  nesting: number,
  makeBlock: BlockMaker,
  outer: string | null = null,
): Statement[] {
  const { rng } = scope;
  const nests = nesting < 3 && rng.chance(0.25);
  const label = nests || rng.chance(0.4) ? scope.freshLabel() : null;
  const counter = makeCounter(scope);
  scope.keep(counter.local.name);
  const declared: Statement = {
    kind: "let",
    local: counter.local,
    mutable: true,
    annotated: rng.chance(0.6) || counter.local.type !== "i32",
    value: counter.start,
  };
  const read: Expr = { kind: "local", local: counter.local, type: counter.local.type };
  const makeBody = (): Statement[] =>
    scope.within({ kind: "loop", label }, () => {
      if (outer === null && !nests) return makeBlock(scope, nesting + 1);
      // Blocks of their own: what one of them hides, the jump behind it may name.
      const more = (): Statement => ({ kind: "block", label: null, body: makeBlock(scope, nesting + 1) });
      const body = [more()];
      if (outer !== null) body.push(jumpOut(scope, read, outer), more());
      if (!nests) return body;
      const inside = scope.inner(() => loopStatement(scope, nesting + 1, makeBlock, label));
      return [...body, { kind: "block", label: null, body: inside }, more()];
    });
  const kind = rng.weighted<"for" | "forBare" | "while" | "doWhile" | "endless">([
    [4, "for"],
    [1, "forBare"],
    [2.5, "while"],
    [2.5, "doWhile"],
    [1, "endless"],
  ]);
  if (kind === "for") {
    const make = (): Statement[] => {
      scope.declare(counter.local, false);
      const test = withCondition(scope, counter.test);
      return [
        { kind: "for", label, initial: declared, test, update: update(scope, counter), body: makeBody() },
      ];
    };
    return scope.inner(make, "head");
  }
  scope.declare(counter.local, false);
  if (kind === "forBare") {
    // Heads with parts left out.
    const test = withCondition(scope, counter.test);
    return [
      declared,
      { kind: "for", label, initial: null, test, update: update(scope, counter), body: makeBody() },
    ];
  }
  if (kind === "endless") {
    const leave: Statement = {
      kind: "if",
      test: { kind: "unary", operator: "!", operand: counter.test, type: "bool" },
      then: [{ kind: "break", label: null }],
      else: null,
    };
    const body = [leave, counter.step, ...makeBody()];
    const endless: Expr = { kind: "literal", value: 1n, type: "bool" };
    return rng.chance(0.5)
      ? [declared, { kind: "while", label, test: endless, body }]
      : [declared, { kind: "for", label, initial: null, test: null, update: null, body }];
  }
  const test = withCondition(scope, kind === "while" ? counter.test : doTest(counter, read));
  return [declared, { kind, label, test, body: [counter.step, ...makeBody()] }];
}

/** The counter's step, sometimes with an assignment that has to happen after every round as well. */
function update(scope: FunctionScope, counter: Counter): Statement {
  const { rng } = scope;
  const assignable = scope.assignable().filter((local) => local.type === "i32" || local.type === "u32");
  if (assignable.length === 0 || rng.chance(0.7)) return counter.step;
  const local = rng.pick(assignable);
  const value = expression(scope, local.type, 2);
  const assignment: Statement = { kind: "assign", local, operator: rng.pick(["=", "+=", "^="]), value };
  return {
    kind: "block",
    label: null,
    body: rng.chance(0.5) ? [counter.step, assignment] : [assignment, counter.step],
  };
}

/** A jump over two loops in some of the rounds. */
function jumpOut(scope: FunctionScope, counter: Expr, label: string): Statement {
  const { rng } = scope;
  const round = literal(rng.between(-1, 3), counter.type === "u32" ? "u32" : "i32");
  const inRound = binary(rng.pick(["===", "!==", ">"]), counter, round, "bool");
  const test = rng.chance(0.7) ? inRound : expression(scope, "bool", 2);
  return { kind: "if", test, then: [{ kind: rng.pick(["break", "continue"]), label }], else: null };
}

/** The bound, often joined with a condition that may contain operations, which have to run again each time round. */
function withCondition(scope: FunctionScope, bound: Expr): Expr {
  const { rng } = scope;
  if (rng.chance(0.6)) return bound;
  const condition = expression(scope, "bool", 2);
  const [left, right] = rng.chance(0.5) ? [bound, condition] : [condition, bound];
  return { kind: "logical", operator: "&&", left, right, type: "bool" };
}

/** A `do` tests behind the step, where an unsigned counter that ran down is 0 and not below. */
function doTest(counter: Counter, read: Expr): Expr {
  if (counter.step.kind === "step" && counter.step.operator === "--")
    return binary(">", read, literal(0, counter.local.type), "bool");
  return counter.test;
}

function makeCounter(scope: FunctionScope): Counter {
  const { rng } = scope;
  const type = rng.pick<"i32" | "u32">(["i32", "i32", "u32"]);
  const local: Local = { name: scope.freshName(), type };
  const read: Expr = { kind: "local", local, type };
  const times = rng.between(1, 4);
  const form = rng.below(4);
  if (form === 0) {
    return {
      local,
      start: literal(times, type),
      step: { kind: "step", local, operator: "--" },
      test: binary(">", read, literal(0, type), "bool"),
    };
  }
  if (form === 1) {
    const by = rng.between(2, 3);
    const step: Statement = { kind: "assign", local, operator: "+=", value: literal(by, type) };
    const order: BinaryOperator = rng.pick(["<", "<="]);
    return {
      local,
      start: literal(0, type),
      step,
      test: binary(order, read, literal(by * times, type), "bool"),
    };
  }
  if (form === 2) {
    const sum = binary("+", read, literal(1, type), type);
    const step: Statement = { kind: "assign", local, operator: "=", value: sum };
    const start = type === "i32" ? -2 : 0;
    return {
      local,
      start: literal(start, type),
      step,
      test: binary("<", read, literal(start + times, type), "bool"),
    };
  }
  return {
    local,
    start: literal(0, type),
    step: { kind: "step", local, operator: "++" },
    test: binary("<", read, literal(times, type), "bool"),
  };
}
