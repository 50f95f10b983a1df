/**
 * State of one link: the module graph, the layout of the strategies' bytes, evaluated constants and enums, and the table of
 * functions found reachable so far.
 */
import type { FunctionDeclaration, Node, TSEnumDeclaration } from "@babel/types";
import type { IrPosition, IrStruct, IrType } from "../ir.ts";
import type { SourceHost } from "../source-host.ts";
import { Diagnostics } from "./diagnostics.ts";
import { constant } from "./fold.ts";
import { type LinkedStrategy, ModuleGraph, type StrategyUse } from "./graph.ts";
import { Layout } from "./layout.ts";
import type { Module } from "./module.ts";
import { closed, literalValue, mismatch, typedValue, type Value } from "./value.ts";

/** A function that the program needs, with its number and signature. */
export interface FunctionEntry {
  readonly id: number;
  readonly name: string;
  readonly module: Module;
  readonly node: FunctionDeclaration;
  readonly parameters: readonly { readonly name: string; readonly type: IrType }[];
  readonly result: IrType | null;
}

/** Evaluates the initialiser of a constant or an enum's member; provided by the expression lowering. */
export type ConstantEvaluator = (
  module: Module,
  node: Node,
  members: ReadonlyMap<string, number>,
) => Value | null;

export interface Options {
  /** Options of the program itself, complete with defaults. */
  readonly program: ReadonlyMap<string, number>;
  /** Options of each strategy instance, complete with defaults. */
  readonly instances: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export class Linkage {
  readonly diagnostics = new Diagnostics();
  readonly graph: ModuleGraph;
  readonly layout: Layout;
  readonly functions: FunctionEntry[] = [];
  readonly files: string[] = [];
  readonly structs: IrStruct[] = [];
  options: Options = { program: new Map(), instances: new Map() };
  private readonly functionIds = new Map<FunctionDeclaration, Map<string | null, FunctionEntry>>();
  private readonly constants = new Map<Node, Map<string | null, Value | "evaluating" | null>>();
  private readonly enums = new Map<Node, Map<string | null, ReadonlyMap<string, number>>>();
  private readonly fileIds = new Map<string, number>();

  constructor(
    host: SourceHost,
    readonly strategies: readonly LinkedStrategy[],
    private readonly evaluate: (linkage: Linkage) => ConstantEvaluator,
  ) {
    this.graph = new ModuleGraph(host, strategies, this.diagnostics);
    this.layout = new Layout(strategies, (use, name) => this.contractConstant(use, name));
  }

  report(module: Module, node: Node | null, code: string, message: string, hint: string): void {
    this.diagnostics.report(module.file, node, code, message, hint);
  }

  position(module: Module, node: Node): IrPosition {
    let file = this.fileIds.get(module.file);
    if (file === undefined) {
      file = this.files.push(module.file) - 1;
      this.fileIds.set(module.file, file);
    }
    return { file, line: node.loc?.start.line ?? 1, column: (node.loc?.start.column ?? 0) + 1 };
  }

  /** The table entry of a function, made on first use; its body is lowered later. */
  functionEntry(module: Module, name: string, node: FunctionDeclaration): FunctionEntry {
    const copies = this.functionIds.get(node) ?? new Map<string | null, FunctionEntry>();
    this.functionIds.set(node, copies);
    const known = copies.get(module.instance);
    if (known !== undefined) return known;
    const parameters = node.params.map((parameter) => {
      if (parameter.type !== "Identifier" || parameter.optional === true) {
        this.report(
          module,
          parameter,
          "parameter",
          "a parameter is one name with a type, without default",
          "write `name: i32`",
        );
        return { name: "?", type: "i32" as IrType };
      }
      const type = this.annotation(
        module,
        parameter.typeAnnotation ?? null,
        parameter,
        `the parameter \`${parameter.name}\``,
      );
      return { name: parameter.name, type: type ?? "i32" };
    });
    if (node.async || node.generator || (node.typeParameters ?? null) !== null) {
      this.report(
        module,
        node,
        "function-form",
        "portable functions are plain: not async, not generators, not generic",
        "write `function name(a: i32): i32`",
      );
    }
    const result = this.annotation(
      module,
      node.returnType ?? null,
      node.id ?? node,
      `the result of \`${name}\``,
      true,
    );
    const entry: FunctionEntry = { id: this.functions.length, name, module, node, parameters, result };
    copies.set(module.instance, entry);
    this.functions.push(entry);
    return entry;
  }

  /** The type that an annotation names; null for `void`, and (reported) where there is none or another. */
  annotation(module: Module, node: Node | null, at: Node, what: string, mayBeVoid = false): IrType | null {
    const inner = node !== null && node.type === "TSTypeAnnotation" ? node.typeAnnotation : node;
    const advice = `write one of i32, u32, ptr, bool${mayBeVoid ? ", void" : ""}`;
    if (inner === null) {
      this.report(module, at, "missing-type", `${what} has no type`, advice);
      return null;
    }
    if (mayBeVoid && inner.type === "TSVoidKeyword") return null;
    const name =
      inner.type === "TSTypeReference" && inner.typeName.type === "Identifier" ? inner.typeName.name : "";
    if (name === "i32" || name === "u32" || name === "ptr" || name === "bool") return name;
    const hints: Record<string, string> = {
      TSNumberKeyword: "use `i32`, `u32` or `ptr` for a number",
      TSBooleanKeyword: "write `bool`",
    };
    this.report(
      module,
      inner,
      "unknown-type",
      `${what} has a type that portable code does not know`,
      hints[inner.type] ?? advice,
    );
    return null;
  }

  /** The value of a module-level constant; null where it has none (reported). */
  constantValue(
    module: Module,
    name: string,
    node: Node,
    initializer: Node,
    annotation: Node | null,
  ): Value | null {
    const copies = this.constants.get(node) ?? new Map<string | null, Value | "evaluating" | null>();
    this.constants.set(node, copies);
    const known = copies.get(module.instance);
    if (known === "evaluating") {
      this.report(
        module,
        node,
        "constant-cycle",
        `the constant \`${name}\` depends on itself`,
        "break the circle of constants",
      );
      return null;
    }
    if (known !== undefined) return known;
    copies.set(module.instance, "evaluating");
    let value = this.evaluate(this)(module, initializer, new Map());
    if (value !== null && annotation !== null) {
      const type = this.annotation(module, annotation, node, `the constant \`${name}\``);
      const wrong = type === null ? null : mismatch(value, type);
      if (wrong !== null) {
        this.report(module, initializer, "type-mismatch", wrong.message, wrong.hint);
        value = null;
      } else if (type !== null) value = typedValue(closed(value, type), type);
    }
    copies.set(module.instance, value);
    return value;
  }

  /** Members of an enum with their values. */
  enumMembers(module: Module, name: string, node: TSEnumDeclaration): ReadonlyMap<string, number> {
    const copies = this.enums.get(node) ?? new Map<string | null, ReadonlyMap<string, number>>();
    this.enums.set(node, copies);
    const known = copies.get(module.instance);
    if (known !== undefined) return known;
    const members = new Map<string, number>();
    copies.set(module.instance, members);
    let next = 0;
    for (const member of node.body?.members ?? node.members ?? []) {
      const key = member.id.type === "Identifier" ? member.id.name : member.id.value;
      if (member.initializer != null) {
        const value = this.evaluate(this)(module, member.initializer, members);
        if (value !== null && value.expr.kind === "const" && value.type !== "bool")
          next =
            value.literal ??
            (value.type === "u32" || value.type === "ptr" ? value.expr.value >>> 0 : value.expr.value);
        else if (value !== null)
          this.report(
            module,
            member,
            "enum-member",
            `\`${name}.${key}\` is not an integer constant`,
            "use integers, constants and other enums",
          );
      }
      if (members.has(key))
        this.report(
          module,
          member,
          "duplicate-name",
          `\`${name}.${key}\` stands twice`,
          "rename one of the two",
        );
      members.set(key, next);
      next += 1;
    }
    const fields = [...members].map(([field, offset]) => ({ name: field, offset }));
    this.structs.push({ name, file: this.position(module, node).file, instance: module.instance, fields });
    return members;
  }

  private contractConstant(use: StrategyUse, name: string): number {
    const meaning = this.graph.contractMeaning(use, name);
    if (meaning?.kind === "default") return meaning.value;
    if (meaning?.kind !== "constant") return 0;
    const annotation =
      meaning.node.id.type === "Identifier" ? (meaning.node.id.typeAnnotation ?? null) : null;
    const value = this.constantValue(meaning.module, name, meaning.node, meaning.initializer, annotation);
    if (value === null || value.expr.kind !== "const") return 0;
    if (value.expr.value < 0 || value.expr.value > 1 << 20) {
      this.report(
        meaning.module,
        meaning.node,
        "size-range",
        `\`${name}\` is ${value.expr.value}`,
        "a size in bytes, 0 to 1048576",
      );
      return 0;
    }
    return value.expr.value;
  }

  /** An integer known at link time, open in type. */
  static integer(value: number): Value {
    return literalValue(value);
  }

  static boolean(value: boolean): Value {
    return { expr: constant(value ? 1 : 0, "bool"), type: "bool" };
  }
}
