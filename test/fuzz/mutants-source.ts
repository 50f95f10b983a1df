/**
 * Mistakes of the front end, as changes of the source that it compiles; and mistakes of the stepped program and of the
 * engine's hold on its actors.
 */
import type { SteppedProgram } from "../../src/link/stepped/program.ts";
import type { Mutant } from "./compare.ts";
import type { Expr, FuzzProgram, Statement } from "./program.ts";
import { mapProgram } from "./rewrite.ts";

function onExprs(map: (expr: Expr) => Expr): (program: FuzzProgram) => FuzzProgram {
  return (program) => mapProgram(program, { expr: map, statement: (statement) => statement });
}

function onStatements(map: (statement: Statement) => Statement): (program: FuzzProgram) => FuzzProgram {
  return (program) => mapProgram(program, { expr: (expr) => expr, statement: map });
}

/** A stepped program of which one property is another. */
function changed(stepped: SteppedProgram, change: Partial<SteppedProgram>): SteppedProgram {
  return Object.assign(Object.create(stepped) as SteppedProgram, change);
}

export const sourceMutants: readonly Mutant[] = [
  {
    name: "a `do` tests before its first round",
    source: onStatements((statement) =>
      statement.kind === "doWhile" ? { ...statement, kind: "while" } : statement,
    ),
  },
  {
    name: "`continue` with a label goes on with the innermost loop",
    source: onStatements((statement) =>
      statement.kind === "continue" ? { ...statement, label: null } : statement,
    ),
  },
  {
    name: "`&&` is `||`",
    source: onExprs((expr) =>
      expr.kind === "logical" && expr.operator === "&&" ? { ...expr, operator: "||" } : expr,
    ),
  },
  {
    name: "arms of a ternary are swapped",
    source: onExprs((expr) =>
      expr.kind === "ternary" ? { ...expr, then: expr.else, else: expr.then } : expr,
    ),
  },
  {
    name: "both sides of `&&` are evaluated",
    // `(b ? a : a && false)`: b first, then a all the same.
    source: onExprs((expr) => {
      if (expr.kind !== "logical" || expr.operator !== "&&") return expr;
      const never: Expr = { kind: "literal", value: 0n, type: "bool" };
      const late: Expr = { kind: "logical", operator: "&&", left: expr.left, right: never, type: "bool" };
      return { kind: "ternary", test: expr.right, then: expr.left, else: late, type: "bool" };
    }),
  },
  {
    name: "`~` is `-`",
    source: onExprs((expr) =>
      expr.kind === "unary" && expr.operator === "~" ? { ...expr, operator: "-" } : expr,
    ),
  },
  {
    name: "`x -= y` is `x = y - x`",
    source: onStatements((statement) => {
      if (statement.kind !== "assign" || statement.operator !== "-=" || statement.local.type === "ptr")
        return statement;
      const { local, value } = statement;
      const left: Expr = { kind: "local", local, type: local.type };
      const difference: Expr = { kind: "binary", operator: "-", left: value, right: left, type: local.type };
      return { ...statement, operator: "=", value: difference };
    }),
  },
  {
    name: "`>>>` keeps the sign",
    source: onExprs((expr) => {
      if (expr.kind !== "binary" || expr.operator !== ">>>" || expr.left.type !== "i32") return expr;
      return { kind: "convert", operand: { ...expr, operator: ">>", type: "i32" }, type: "u32" };
    }),
  },
];

/** Where the source text of a stepped program is; it has no business outside its class. */
interface WithSource {
  readonly source: string;
}

export const steppedMutants: readonly Mutant[] = [
  {
    name: "multiplication does not wrap",
    stepped: (stepped) => {
      const source = (stepped as unknown as WithSource).source.replaceAll("Math.imul(", "((a,b)=>a*b)(");
      return changed(stepped, {
        instantiate: (scripts) =>
          new Function("T", source)(scripts) as ReturnType<SteppedProgram["instantiate"]>,
      });
    },
  },
  {
    name: "the last word of an actor is not saved",
    stepped: (stepped) => changed(stepped, { wordsPerActor: stepped.wordsPerActor - 1 }),
  },
  {
    name: "a word that is still read counts as dead",
    stepped: (stepped) =>
      changed(stepped, {
        normalise: (state, base) => {
          const [forgotten] = stepped.liveWords(state[base] as number).slice(-1);
          stepped.normalise(state, base);
          if (forgotten !== undefined) state[base + forgotten] = 0;
        },
      }),
  },
  {
    name: "calls that were inlined are missing from the chain",
    stepped: (stepped) => changed(stepped, { chain: (state, base) => stepped.chain(state, base).slice(-1) }),
  },
  {
    name: "the place of the actor's script is forgotten",
    stepped: (stepped) =>
      changed(stepped, {
        start: (state, base, entry, args, actor) =>
          stepped.start(state, base, entry, args, { ...actor, scriptBase: 0 }),
      }),
  },
  {
    name: "the number of the CPU is forgotten",
    stepped: (stepped) =>
      changed(stepped, {
        start: (state, base, entry, args, actor) =>
          stepped.start(state, base, entry, args, { ...actor, cpu: 0 }),
      }),
  },
];
