/**
 * Builds small programs of the typed form by hand, for tests of what comes behind the front end.
 *
 *     const b = new ProgramBuilder();
 *     const bump = b.fn("bump", { cell: "ptr" }, "i32", (f, cell) => {
 *       f.return(f.op(Op.fetchAdd, cell, 1));
 *     });
 *     const ir = b.build({ bump });
 */
import type {
  IrBinaryOp,
  IrDivideOp,
  IrExpr,
  IrFunction,
  IrLocal,
  IrPosition,
  IrProgram,
  IrStatement,
  IrStruct,
  IrType,
} from "../../src/link/ir.ts";
import { type Op, opByCode } from "../../src/machine/ops.ts";

/** Numbers stand for `i32` constants. */
export type Operand = IrExpr | number;

const comparisons = new Set<IrBinaryOp>(["eq", "ne", "ltS", "leS", "gtS", "geS", "ltU", "leU", "gtU", "geU"]);

export function int(value: number, type: IrType = "i32"): IrExpr {
  return { kind: "const", value: value | 0, type };
}

function expr(value: Operand): IrExpr {
  return typeof value === "number" ? int(value) : value;
}

export function bin(op: IrBinaryOp, left: Operand, right: Operand): IrExpr {
  const a = expr(left);
  return { kind: "binary", op, left: a, right: expr(right), type: comparisons.has(op) ? "bool" : a.type };
}

export const add = (left: Operand, right: Operand): IrExpr => bin("add", left, right);
export const eq = (left: Operand, right: Operand): IrExpr => bin("eq", left, right);
export const ne = (left: Operand, right: Operand): IrExpr => bin("ne", left, right);
export const lt = (left: Operand, right: Operand): IrExpr => bin("ltS", left, right);

export function choose(test: Operand, then: Operand, otherwise: Operand): IrExpr {
  const a = expr(then);
  return { kind: "conditional", test: expr(test), then: a, else: expr(otherwise), type: a.type };
}

export function script(offset: Operand): IrExpr {
  return { kind: "script", offset: expr(offset), type: "i32" };
}

export const thisCpu: IrExpr = { kind: "thisCpu", type: "i32" };

/** Writes the body of one function; every statement gets a line number of its own. */
export class FunctionBuilder {
  readonly locals: IrLocal[];
  private readonly nextLine: () => number;
  private labels = 0;
  private out: IrStatement[] = [];

  constructor(parameters: readonly IrLocal[], nextLine: () => number) {
    this.locals = [...parameters];
    this.nextLine = nextLine;
  }

  private position(): IrPosition {
    return { file: 0, line: this.nextLine(), column: 1 };
  }

  /** The statements that `body` writes. */
  collect(body: () => void): IrStatement[] {
    const outer = this.out;
    this.out = [];
    body();
    const inner = this.out;
    this.out = outer;
    return inner;
  }

  /** A local that nothing was assigned to. */
  local(name: string, type: IrType = "i32"): IrExpr & { kind: "local" } {
    this.locals.push({ name, type });
    return { kind: "local", local: this.locals.length - 1, type };
  }

  /** A new local with a value. */
  let(name: string, value: Operand): IrExpr & { kind: "local" } {
    const local = this.local(name, expr(value).type);
    this.set(local, value);
    return local;
  }

  set(local: IrExpr, value: Operand): void {
    if (local.kind !== "local") throw new Error("only locals can be set");
    this.out.push({ kind: "assign", local: local.local, value: expr(value), position: this.position() });
  }

  /** Does an operation; its result, if it has one, in a new local. */
  op(op: Op, ...args: Operand[]): IrExpr {
    const result = opByCode(op).returns ? this.local("t") : null;
    this.out.push({
      kind: "op",
      op,
      args: args.map(expr),
      result: result === null ? null : result.local,
      position: this.position(),
    });
    return result ?? int(0);
  }

  call(callee: IrFunction, ...args: Operand[]): IrExpr {
    const result = callee.result === null ? null : this.local("t", callee.result);
    this.out.push({
      kind: "call",
      callee: callee.id,
      args: args.map(expr),
      result: result === null ? null : result.local,
      position: this.position(),
    });
    return result ?? int(0);
  }

  divide(op: IrDivideOp, left: Operand, right: Operand): IrExpr {
    const result = this.local("q");
    this.out.push({
      kind: "divide",
      op,
      left: expr(left),
      right: expr(right),
      result: result.local,
      position: this.position(),
    });
    return result;
  }

  if(test: Operand, then: () => void, otherwise: () => void = () => {}): void {
    this.out.push({
      kind: "if",
      test: expr(test),
      then: this.collect(then),
      else: this.collect(otherwise),
    });
  }

  /** `body` gets the label to break out of the block. */
  block(body: (label: number) => void): void {
    const label = this.labels++;
    this.out.push({ kind: "block", label, body: this.collect(() => body(label)) });
  }

  /** Repeats until `leave` is broken to; `again` starts the body anew. */
  loop(body: (leave: number, again: number) => void): void {
    this.block((leave) => {
      const again = this.labels++;
      this.out.push({ kind: "loop", label: again, body: this.collect(() => body(leave, again)) });
    });
  }

  /** `test` may contain operations; they run every time. */
  while(test: () => Operand, body: (leave: number, again: number) => void): void {
    this.loop((leave, again) => {
      const going = expr(test());
      this.if(
        going,
        () => body(leave, again),
        () => this.break(leave),
      );
    });
  }

  /** Counts `name` from 0 to `count` - 1. */
  times(count: Operand, body: (i: IrExpr) => void): void {
    const i = this.let("i", 0);
    this.while(
      () => lt(i, count),
      () => {
        body(i);
        this.set(i, add(i, 1));
      },
    );
  }

  /** Without fall-through. */
  switch(value: Operand, cases: ReadonlyMap<number, () => void>, otherwise: () => void = () => {}): void {
    this.block((end) => {
      const bodies = [...cases];
      const nest = (depth: number, labels: { value: number; label: number }[]): void => {
        const next = bodies[depth];
        if (next === undefined) {
          this.block((label) => {
            this.out.push({ kind: "switch", value: expr(value), cases: labels, default: label });
          });
          otherwise();
          this.break(end);
          return;
        }
        this.block((label) => nest(depth + 1, [...labels, { value: next[0], label }]));
        next[1]();
        this.break(end);
      };
      nest(0, []);
    });
  }

  break(label: number): void {
    this.out.push({ kind: "break", label });
  }

  continue(label: number): void {
    this.out.push({ kind: "continue", label });
  }

  return(value: Operand | null = null): void {
    this.out.push({ kind: "return", value: value === null ? null : expr(value) });
  }

  fault(reason: number): void {
    this.out.push({ kind: "fault", reason, position: this.position() });
  }
}

export class ProgramBuilder {
  readonly functions: IrFunction[] = [];
  private line = 0;

  /** Functions must be defined before those that call them. `parameters`: types by name. */
  fn(
    name: string,
    parameters: Readonly<Record<string, IrType>>,
    result: IrType | null,
    body: (f: FunctionBuilder, ...args: IrExpr[]) => void,
    instance: string | null = null,
  ): IrFunction {
    const locals = Object.entries(parameters).map(([key, type]) => ({ name: key, type }));
    const builder = new FunctionBuilder(locals, () => ++this.line);
    const position = { file: 0, line: ++this.line, column: 1 };
    const args = locals.map((local, i): IrExpr => ({ kind: "local", local: i, type: local.type }));
    const statements = builder.collect(() => body(builder, ...args));
    const fn: IrFunction = {
      id: this.functions.length,
      name,
      file: 0,
      instance,
      parameters: locals.length,
      locals: builder.locals,
      result,
      body: statements,
      position,
    };
    this.functions.push(fn);
    return fn;
  }

  build(
    entries: Readonly<Record<string, IrFunction>>,
    extra: { constants?: Readonly<Record<string, number>>; structs?: readonly IrStruct[] } = {},
  ): IrProgram {
    return {
      files: ["test.ts"],
      functions: this.functions,
      entries: new Map(Object.entries(entries).map(([name, fn]) => [name, fn.id])),
      lowerings: new Map(),
      structs: extra.structs ?? [],
      constants: new Map(Object.entries(extra.constants ?? {})),
    };
  }
}
