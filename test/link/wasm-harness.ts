/** Builds small programs in the typed form by hand and reads or runs the WebAssembly that comes out. */
import type { IrExpr, IrFunction, IrProgram, IrStatement, IrType } from "../../src/link/ir.ts";
import { buildWasm, type WasmOptions } from "../../src/link/wasm/index.ts";
import { instantiateWasm, type WasmEnvironment, type WasmInstance } from "../../src/link/wasm/instance.ts";
import { type Op, opByCode } from "../../src/machine/ops.ts";

const position = { file: 0, line: 1, column: 1 } as const;

export const int = (value: number): IrExpr => ({ kind: "const", value, type: "i32" });
export const local = (index: number): IrExpr => ({ kind: "local", local: index, type: "i32" });
export const script = (offset: IrExpr): IrExpr => ({ kind: "script", offset, type: "i32" });
export const thisCpu: IrExpr = { kind: "thisCpu", type: "i32" };

type BinaryOp = Extract<IrExpr, { kind: "binary" }>["op"];
export const binary = (op: BinaryOp, left: IrExpr, right: IrExpr): IrExpr => ({
  kind: "binary",
  op,
  left,
  right,
  type: "i32",
});
export const conditional = (test: IrExpr, then: IrExpr, otherwise: IrExpr): IrExpr => ({
  kind: "conditional",
  test,
  then,
  else: otherwise,
  type: "i32",
});

export const assign = (to: number, value: IrExpr): IrStatement => ({
  kind: "assign",
  local: to,
  value,
  position,
});
export const op = (code: Op, args: readonly IrExpr[], result: number | null = null): IrStatement => ({
  kind: "op",
  op: code,
  args,
  result,
  position,
});
export const call = (callee: number, args: readonly IrExpr[], result: number | null = null): IrStatement => ({
  kind: "call",
  callee,
  args,
  result,
  position,
});
type DivideOp = Extract<IrStatement, { kind: "divide" }>["op"];
export const divide = (code: DivideOp, left: IrExpr, right: IrExpr, result: number): IrStatement => ({
  kind: "divide",
  op: code,
  left,
  right,
  result,
  position,
});
export const when = (test: IrExpr, then: IrStatement[], otherwise: IrStatement[] = []): IrStatement => ({
  kind: "if",
  test,
  then,
  else: otherwise,
});
export const give = (value: IrExpr | null): IrStatement => ({ kind: "return", value });
export const fault = (reason: number): IrStatement => ({ kind: "fault", reason, position });

/** Repeats `body` for the values 0 to `count - 1` of the local `counter`. */
export function repeat(label: number, counter: number, count: IrExpr, body: IrStatement[]): IrStatement[] {
  return [
    assign(counter, int(0)),
    {
      kind: "block",
      label,
      body: [
        {
          kind: "loop",
          label: label + 1,
          body: [
            when(binary("geS", local(counter), count), [{ kind: "break", label }]),
            ...body,
            assign(counter, binary("add", local(counter), int(1))),
          ],
        },
      ],
    },
  ];
}

export interface SmallFunction {
  readonly name: string;
  readonly parameters: number;
  /** Locals beyond the parameters. */
  readonly extra?: number;
  readonly result?: IrType | null;
  readonly body: readonly IrStatement[];
}

/** A program whose entries are all its functions, unless named. */
export function program(
  functions: readonly SmallFunction[],
  more: Partial<Pick<IrProgram, "lowerings" | "constants">> & { entries?: readonly string[] } = {},
): IrProgram {
  const built = functions.map(
    (fn, id): IrFunction => ({
      id,
      name: fn.name,
      file: 0,
      instance: null,
      parameters: fn.parameters,
      locals: Array.from({ length: fn.parameters + (fn.extra ?? 0) }, (_, index) => ({
        name: `v${index}`,
        type: "i32",
      })),
      result: fn.result === undefined ? "i32" : fn.result,
      body: fn.body,
      position,
    }),
  );
  const names = more.entries ?? functions.map((fn) => fn.name);
  return {
    files: ["hand-written"],
    functions: built,
    entries: new Map(names.map((name) => [name, built.findIndex((fn) => fn.name === name)])),
    lowerings: more.lowerings ?? new Map(),
    structs: [],
    constants: more.constants ?? new Map(),
  };
}

/** A function `f` that does one operation on its parameters and hands back what it gives. */
export function oneOperation(code: Op, more: Parameters<typeof program>[1] = {}): IrProgram {
  const info = opByCode(code);
  const count = info.operands.length;
  const args = info.operands.map((_, index) => local(index));
  const f: SmallFunction = info.returns
    ? { name: "f", parameters: count, extra: 1, body: [op(code, args, count), give(local(count))] }
    : { name: "f", parameters: count, result: null, body: [op(code, args)] };
  return program([f], more);
}

/** The optimised body of the entry `name` as one line of WebAssembly text, without its signature. */
export async function bodyOf(ir: IrProgram, name: string, options: WasmOptions = {}): Promise<string> {
  const { text } = await buildWasm(ir, { ...options, text: true });
  if (text === undefined) throw new Error("no text");
  const inside = new RegExp(`\\(export "${name}" \\(func \\$([^)]+)\\)`).exec(text)?.[1];
  const start = text.search(new RegExp(`\\n \\(func \\$${inside}\\s`));
  const end = text.indexOf("\n )", start);
  if (start < 0) throw new Error(`no function ${name} in\n${text}`);
  return text
    .slice(start, end)
    .replace(/^\n \(func [^\s)]+/, "")
    .replace(/\((?:param|local) \$\w+ i32\)|\(result i32\)(?=\s*\n)/g, "")
    .replace(/\s+/g, " ")
    .replace(/ \)/g, ")")
    .trim();
}

/** Pages of memory in `run`. */
export const runPages = 4;
/** Where `run` puts the private line of its one CPU. */
export const runLine = 65_536;
/** Where `run` puts its script. */
export const runScript = 131_072;

export interface RunningProgram extends WasmInstance {
  readonly cells: Int32Array;
}

/** Starts a program on this thread as CPU 5 with a memory of its own. */
export async function run(
  ir: IrProgram,
  options: WasmOptions = {},
  evidence: Pick<WasmEnvironment, "mark" | "allocated" | "freed" | "stall"> = {},
): Promise<RunningProgram> {
  const { binary } = await buildWasm(ir, options);
  const memory = new WebAssembly.Memory({ initial: runPages, maximum: runPages, shared: true });
  const instance = instantiateWasm(new WebAssembly.Module(binary), {
    memory,
    cpu: 5,
    fenceAddress: runLine,
    scriptBase: runScript,
    spinsPerUs: 1,
    ...evidence,
  });
  return { ...instance, cells: new Int32Array(memory.buffer) };
}
