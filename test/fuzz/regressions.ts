/**
 * Programs that once came out wrong, as small as the shrinker made them. Written out, because a seed means another program
 * as soon as the generator changes.
 */
import { binary, literal } from "./generate-expressions.ts";
import type { Expr, FuzzProgram, Local, Statement } from "./program.ts";
import { arenaBase, plainLayout } from "./program.ts";

function read(local: Local): Expr {
  return { kind: "local", local, type: local.type };
}

function regression(seed: string, parameters: readonly Local[], body: readonly Statement[]): FuzzProgram {
  return {
    seed,
    constants: [],
    functions: [{ name: "main", parameters, result: "i32", body, library: false }],
    inputs: {
      args: [8, 3].slice(0, parameters.length),
      arena: [10, 20, 30, 40],
      script: [0],
      cpu: 0,
      tick: 0,
    },
    layout: plainLayout,
  };
}

/** The stepped back end gave both parameters one word, because one becomes a copy of the other. */
function overwrittenParameter(): FuzzProgram {
  const [first, second]: Local[] = [
    { name: "first", type: "i32" },
    { name: "second", type: "i32" },
  ];
  if (first === undefined || second === undefined) throw new Error("two parameters were just made");
  const fence: Statement = {
    kind: "expression",
    value: { kind: "operation", operation: "fence", args: [], type: null },
  };
  return regression(
    "a parameter that is overwritten by another one before it is read",
    [first, second],
    [
      { kind: "assign", local: second, operator: "=", value: read(first) },
      fence,
      { kind: "return", value: read(second) },
    ],
  );
}

/** The verifier of the typed form took the divisor's bits for -1, by which only signed division overflows. */
function unsignedDivisionByAllOnes(): FuzzProgram {
  const loaded: Expr = {
    kind: "operation",
    operation: "load",
    args: [literal(arenaBase, "ptr")],
    type: "u32",
  };
  const quotient = binary("/", loaded, literal(0xffffffff, "u32"), "u32");
  const shifted = binary("<<", literal(1, "i32"), quotient, "i32");
  return regression("an unsigned division by 4294967295", [], [{ kind: "return", value: shifted }]);
}

export const regressions: readonly FuzzProgram[] = [overwrittenParameter(), unsignedDivisionByAllOnes()];
