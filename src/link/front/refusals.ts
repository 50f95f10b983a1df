/**
 * What to say where portable code uses a part of TypeScript that the linker does not compile: the construct's name in the
 * reader's words and what to write instead. One table, so that every refusal is as good as the next.
 */
import type { Node } from "@babel/types";

interface Refusal {
  readonly what: string;
  readonly instead: string;
}

const inMemory = "keep it in shared memory: an enum of offsets, `load` and `store`";
const noClosures = "write a function at module level and call it by name";

const expressions: Readonly<Record<string, Refusal>> = {
  ObjectExpression: { what: "an object", instead: inMemory },
  ArrayExpression: { what: "an array", instead: inMemory },
  StringLiteral: { what: "a string", instead: "use an integer, for example a member of an enum" },
  TemplateLiteral: { what: "a template string", instead: "use an integer, for example a member of an enum" },
  TaggedTemplateExpression: {
    what: "a template string",
    instead: "use an integer, for example a member of an enum",
  },
  BigIntLiteral: { what: "a BigInt", instead: "values are 32 bits: write it without `n`" },
  RegExpLiteral: { what: "a regular expression", instead: "portable code knows only 32-bit integers" },
  NullLiteral: { what: "`null`", instead: "write `0`: the null pointer is address 0" },
  ArrowFunctionExpression: { what: "a closure", instead: noClosures },
  FunctionExpression: { what: "a closure", instead: noClosures },
  ClassExpression: { what: "a class", instead: inMemory },
  NewExpression: {
    what: "`new`",
    instead: "allocate with the kernel's `heapAlloc`, or use bytes declared by `labelBytes`, `cpuBytes`, ...",
  },
  AwaitExpression: {
    what: "`await`",
    instead: "wait for a cell with `awaitEqual`, `awaitNotEqual` or `awaitAtLeast`",
  },
  YieldExpression: { what: "`yield`", instead: "nothing: every machine operation is a step already" },
  ThisExpression: { what: "`this`", instead: "pass addresses as parameters" },
  AssignmentExpression: {
    what: "an assignment inside an expression",
    instead: "make the assignment a statement of its own",
  },
  UpdateExpression: { what: "`++` or `--` inside an expression", instead: "make it a statement of its own" },
  SequenceExpression: { what: "a comma expression", instead: "write one statement per line" },
  TSAsExpression: { what: "`as`", instead: "convert with `i32(x)`, `u32(x)` or `ptr(x)`" },
  TSNonNullExpression: { what: "`!` behind a value", instead: "leave it out: values are never undefined" },
  TSTypeAssertion: { what: "a type assertion", instead: "convert with `i32(x)`, `u32(x)` or `ptr(x)`" },
  OptionalMemberExpression: { what: "`?.`", instead: "compare the address with 0" },
  OptionalCallExpression: { what: "`?.()`", instead: "call the function by name" },
  SpreadElement: { what: "`...`", instead: "write the arguments one by one" },
  MemberExpression: {
    what: "a property",
    instead: "read a field with `load(object + Struct.field)`; only members of enums are written with a dot",
  },
};

const statements: Readonly<Record<string, Refusal>> = {
  TryStatement: { what: "`try`", instead: "nothing throws in portable code: test a result and return" },
  ThrowStatement: { what: "`throw`", instead: "return a value that says so, or `mark` it" },
  ForOfStatement: { what: "`for ... of`", instead: "count with `for (let i: i32 = 0; i < n; i++)`" },
  ForInStatement: { what: "`for ... in`", instead: "count with `for (let i: i32 = 0; i < n; i++)`" },
  FunctionDeclaration: { what: "a function inside a function", instead: noClosures },
  ClassDeclaration: { what: "a class", instead: inMemory },
  TSEnumDeclaration: { what: "an enum inside a function", instead: "move it to module level" },
  WithStatement: { what: "`with`", instead: "name what you mean" },
  DebuggerStatement: {
    what: "`debugger`",
    instead: "use `mark(event, argument)` and read the marks of a run",
  },
  TSModuleDeclaration: { what: "a namespace", instead: "use a file of its own" },
  TSTypeAliasDeclaration: { what: "a type inside a function", instead: "move it to module level" },
};

function fallback(node: Node): Refusal {
  const words = node.type.replace(/^TS/, "").replace(/(Expression|Statement|Literal|Declaration)$/, "");
  return { what: `this construct (${words})`, instead: "see the portable subset in docs/portable-subset.md" };
}

export function refuseExpression(node: Node): Refusal {
  return expressions[node.type] ?? fallback(node);
}

export function refuseStatement(node: Node): Refusal {
  return statements[node.type] ?? expressions[node.type] ?? fallback(node);
}

/** The construct's name alone. */
export function refusedStatement(node: Node): string {
  return refuseStatement(node).what;
}
