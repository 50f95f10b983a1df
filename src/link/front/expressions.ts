/**
 * Expressions of portable code -> pure expressions of the typed form. Operations, calls and faulting divisions become
 * statements in front, in the order in which the source evaluates them, with their results in temporaries.
 */
import type {
  BinaryExpression,
  CallExpression,
  ConditionalExpression,
  Expression,
  LogicalExpression,
  Node,
  UnaryExpression,
} from "@babel/types";
import { Op, type OpInfo, opByName } from "../../machine/ops.ts";
import type { IrBinaryOp, IrExpr, IrLocal, IrStatement, IrType } from "../ir.ts";
import { binary, conditional, constant, isComparison, negate, retype } from "./fold.ts";
import { didYouMean, type Meaning } from "./graph.ts";
import { areaNames, isArea } from "./layout.ts";
import { Linkage } from "./linkage.ts";
import type { Module } from "./module.ts";
import { arithmetic, unify } from "./operators.ts";
import { refuseExpression } from "./refusals.ts";
import {
  closed,
  literalValue,
  maxU32,
  mismatch,
  settled,
  typedValue,
  type Value,
  voidValue,
} from "./value.ts";

/** A name of the function being lowered. */
export interface LocalBinding {
  readonly local: number;
  readonly type: IrType;
  readonly mutable: boolean;
  /** Declared further down in its block, or in another clause of its switch: it hides outer names but has no value yet. */
  readonly undeclared?: true;
}

export class ExpressionLowering {
  readonly locals: IrLocal[] = [];
  protected out: IrStatement[] = [];
  protected scope: Map<string, LocalBinding>[] = [];

  constructor(
    protected readonly linkage: Linkage,
    protected readonly module: Module,
    /** Members of the enum being evaluated, which later members may name. */
    private readonly enumMembers: ReadonlyMap<string, number> = new Map(),
    /** Whether this is a constant's initialiser, where operations and calls have no place. */
    private readonly constantOnly = false,
  ) {}

  protected error(node: Node | null, code: string, message: string, hint: string): null {
    this.linkage.report(this.module, node, code, message, hint);
    return null;
  }

  protected position(node: Node) {
    return this.linkage.position(this.module, node);
  }

  protected newLocal(name: string, type: IrType): number {
    return this.locals.push({ name, type }) - 1;
  }

  protected localExpr(local: number): IrExpr {
    return { kind: "local", local, type: this.locals[local]?.type ?? "i32" };
  }

  /** Runs `work` with its statements collected apart. */
  protected collect<T>(work: () => T): { result: T; statements: IrStatement[] } {
    const saved = this.out;
    const statements: IrStatement[] = [];
    this.out = statements;
    try {
      return { result: work(), statements };
    } finally {
      this.out = saved;
    }
  }

  protected find(name: string): LocalBinding | undefined {
    for (let depth = this.scope.length - 1; depth >= 0; depth--) {
      const binding = this.scope[depth]?.get(name);
      if (binding !== undefined) return binding;
    }
    return undefined;
  }

  /** Lowers an expression to a value; null where something was wrong with it (reported). */
  lower(node: Node, target?: number): Value | null {
    switch (node.type) {
      case "ParenthesizedExpression":
        return this.lower(node.expression, target);
      case "NumericLiteral":
        return this.number(node, node.value);
      case "BooleanLiteral":
        return Linkage.boolean(node.value);
      case "Identifier":
        return this.identifier(node, node.name);
      case "UnaryExpression":
        return this.unary(node);
      case "BinaryExpression":
        return this.binaryExpression(node);
      case "LogicalExpression":
        return this.logical(node);
      case "ConditionalExpression":
        return this.ternary(node);
      case "CallExpression":
        return this.call(node, target);
      case "MemberExpression": {
        const member = this.enumMember(node);
        if (member !== undefined) return member;
        break;
      }
      default:
    }
    const refusal = refuseExpression(node);
    return this.error(
      node,
      "not-portable",
      `portable code has no place for ${refusal.what}`,
      refusal.instead,
    );
  }

  /** Lowers an expression that must be of a type. */
  lowerTo(node: Node, type: IrType, target?: number): IrExpr | null {
    const value = this.lower(node, target);
    return value === null ? null : this.close(node, value, type);
  }

  /** The expression of a value where a type is needed; null and a message where it does not fit. */
  protected close(node: Node, value: Value, type: IrType): IrExpr | null {
    const wrong = mismatch(value, type);
    if (wrong !== null) return this.error(node, "type-mismatch", wrong.message, wrong.hint);
    return closed(value, type);
  }

  private number(node: Node, value: number): Value | null {
    if (!Number.isInteger(value))
      return this.error(
        node,
        "not-portable",
        `${value} is not an integer`,
        "values are 32-bit integers: scale the unit (ns instead of us)",
      );
    if (value > maxU32)
      return this.error(
        node,
        "literal-range",
        `${value} does not fit 32 bits`,
        "the largest unsigned value is 4294967295",
      );
    return literalValue(value);
  }

  private identifier(node: Node, name: string): Value | null {
    const binding = this.find(name);
    if (binding?.undeclared === true) return this.usedTooEarly(node, name);
    if (binding !== undefined) return typedValue(this.localExpr(binding.local), binding.type);
    const sibling = this.enumMembers.get(name);
    if (sibling !== undefined) return literalValue(sibling);
    const meaning = this.meaning(node, name);
    if (meaning === null) return null;
    switch (meaning.kind) {
      case "default":
        return literalValue(meaning.value);
      case "constant":
        return this.moduleConstant(meaning);
      case "enum":
        return this.error(
          node,
          "enum-as-value",
          `\`${name}\` is an enum, not a value`,
          `name one of its members: \`${name}.member\``,
        );
      case "type":
        return this.error(
          node,
          "type-as-value",
          `\`${name}\` is a type, not a value`,
          "use a constant or an enum's member",
        );
      default:
        return this.error(
          node,
          "function-as-value",
          `\`${name}\` is a function, and functions are not values here`,
          "call it",
        );
    }
  }

  protected usedTooEarly(node: Node, name: string): null {
    return this.error(
      node,
      "used-before-declaration",
      `\`${name}\` is used before it is declared in this block`,
      "declare it further up, give the inner one another name, or put the clause of the `switch` into braces",
    );
  }

  private moduleConstant(meaning: Meaning & { kind: "constant" }): Value | null {
    const annotation =
      meaning.node.id.type === "Identifier" ? (meaning.node.id.typeAnnotation ?? null) : null;
    return this.linkage.constantValue(
      meaning.module,
      meaning.name,
      meaning.node,
      meaning.initializer,
      annotation,
    );
  }

  private meaning(node: Node, name: string): Meaning | null {
    const meaning = this.linkage.graph.lookup(this.module, name);
    if (meaning !== null) return meaning;
    // An import that led nowhere has its own message.
    if (this.module.declarations.get(name)?.kind === "import") return null;
    if (name === "undefined" || name === "NaN" || name === "Infinity")
      return this.error(
        node,
        "not-portable",
        `portable code has no \`${name}\``,
        "use an integer; the null pointer is 0",
      );
    const names = [...this.module.declarations.keys(), ...this.scope.flatMap((level) => [...level.keys()])];
    const operation = opByName(name);
    const hint =
      operation === undefined
        ? (didYouMean(name, names) ?? "declare or import it")
        : `import it: \`import { ${name} } from "refplay/machine";\``;
    return this.error(node, "unknown-name", `nothing here is called \`${name}\``, hint);
  }

  /** `Enum.member`, or undefined where the node is another kind of property access. */
  private enumMember(node: Node & { type: "MemberExpression" }): Value | null | undefined {
    if (node.computed || node.object.type !== "Identifier" || node.property.type !== "Identifier")
      return undefined;
    const { name } = node.object;
    if (this.find(name) !== undefined) return undefined;
    const meaning = this.linkage.graph.lookup(this.module, name);
    if (meaning === null) return this.meaning(node.object, name) === null ? null : undefined;
    if (meaning.kind !== "enum") return undefined;
    const members = this.linkage.enumMembers(meaning.module, meaning.name, meaning.node);
    const value = members.get(node.property.name);
    if (value !== undefined) return literalValue(value);
    return this.error(
      node.property,
      "unknown-member",
      `the enum \`${name}\` has no member \`${node.property.name}\``,
      didYouMean(node.property.name, members.keys()) ?? `its members: ${[...members.keys()].join(", ")}`,
    );
  }

  private unary(node: UnaryExpression): Value | null {
    const value = this.lower(node.argument);
    if (value === null) return null;
    if (node.operator === "!") {
      const expr = this.close(node.argument, value, "bool");
      return expr === null ? null : typedValue(negate(expr), "bool");
    }
    if (node.operator !== "-" && node.operator !== "~") {
      return this.error(
        node,
        "not-portable",
        `portable code has no operator \`${node.operator}\``,
        "use + - * / % & | ^ ~ << >> >>> and comparisons",
      );
    }
    const type = settled(value);
    if (type === "bool" || type === "ptr" || type === "void")
      return this.error(
        node,
        "type-mismatch",
        `\`${node.operator}\` needs an integer, not ${type}`,
        "convert with `i32(x)` or `u32(x)`",
      );
    if (value.literal !== undefined)
      return literalValue(node.operator === "-" ? 0 - value.literal : ~value.literal);
    const expr =
      node.operator === "-"
        ? binary("sub", constant(0, type), value.expr, type)
        : binary("xor", value.expr, constant(-1, type), type);
    return typedValue(retype(expr, type), type);
  }

  private binaryExpression(node: BinaryExpression): Value | null {
    const left = this.lower(node.left);
    const right = this.lower(node.right);
    if (left === null || right === null) return null;
    return this.combine(node, node.operator, left, right);
  }

  /** Applies a binary operator of the source to two values; also used by `+=` and its like. */
  protected combine(node: Node, operator: string, left: Value, right: Value): Value | null {
    const choice = arithmetic(operator, left, right);
    if ("message" in choice) return this.error(node, choice.code, choice.message, choice.hint);
    if ("literal" in choice) return Linkage.integer(choice.literal);
    const { op, operands, result } = choice;
    // A shift count is taken modulo 32, so any integer will do.
    for (const value of op === "shl" || op === "shrS" || op === "shrU" ? [left] : [left, right]) {
      // An offset added to an address may be negative.
      const integers = value.oneOf ?? [value.literal ?? 0];
      const type = operands === "ptr" && result === "ptr" && Math.min(...integers) < 0 ? "i32" : operands;
      const wrong = value.type === "literal" || value.oneOf !== undefined ? mismatch(value, type) : null;
      if (wrong !== null) return this.error(node, "type-mismatch", wrong.message, wrong.hint);
    }
    const [a, b] = [retype(left.expr, operands), retype(right.expr, operands)];
    if (op === "divS" || op === "divU" || op === "remS" || op === "remU")
      return this.divide(node, op, a, b, result);
    return typedValue(binary(op, a, b, isComparison(op) ? "bool" : result), result);
  }

  /** A division by a safe constant is pure; by -1 it is a negation (the processor would trap); any other may fault. */
  private divide(
    node: Node,
    op: IrBinaryOp & ("divS" | "divU" | "remS" | "remU"),
    left: IrExpr,
    right: IrExpr,
    type: IrType,
  ): Value | null {
    if (right.kind === "const" && right.value !== 0) {
      if (right.value === -1 && op === "divS")
        return typedValue(binary("sub", constant(0, type), left, type), type);
      if (right.value === -1 && op === "remS") return typedValue(constant(0, type), type);
      return typedValue(binary(op, left, right, type), type);
    }
    if (this.constantOnly)
      return this.error(node, "constant-division", "this constant divides by zero", "use another divisor");
    const result = this.newLocal("$quotient", type);
    this.out.push({ kind: "divide", op, left, right, result, position: this.position(node) });
    return typedValue(this.localExpr(result), type);
  }

  private logical(node: LogicalExpression): Value | null {
    if (node.operator === "??")
      return this.error(node, "not-portable", "portable code has no `??`", "compare with 0");
    const left = this.lowerTo(node.left, "bool");
    const { result: right, statements } = this.collect(() => this.lowerTo(node.right, "bool"));
    if (left === null || right === null) return null;
    const and = node.operator === "&&";
    if (statements.length === 0) {
      const expr = and
        ? conditional(left, right, constant(0, "bool"), "bool")
        : conditional(left, constant(1, "bool"), right, "bool");
      return typedValue(expr, "bool");
    }
    if (left.kind === "const") {
      // `false && f()` never calls f; `true && f()` is f().
      if ((left.value !== 0) !== and) return Linkage.boolean(!and);
      this.out.push(...statements);
      return typedValue(right, "bool");
    }
    const result = this.newLocal("$logical", "bool");
    const position = this.position(node);
    const evaluate: IrStatement[] = [
      ...statements,
      { kind: "assign", local: result, value: right, position },
    ];
    const settle: IrStatement[] = [
      { kind: "assign", local: result, value: constant(and ? 0 : 1, "bool"), position },
    ];
    this.out.push({ kind: "if", test: left, then: and ? evaluate : settle, else: and ? settle : evaluate });
    return typedValue(this.localExpr(result), "bool");
  }

  private ternary(node: ConditionalExpression): Value | null {
    const test = this.lowerTo(node.test, "bool");
    const then = this.collect(() => this.lower(node.consequent));
    const otherwise = this.collect(() => this.lower(node.alternate));
    if (test === null || then.result === null || otherwise.result === null) return null;
    const type = unify(then.result, otherwise.result);
    if (type === null)
      return this.error(
        node,
        "type-mismatch",
        `the two arms are ${settled(then.result)} and ${settled(otherwise.result)}`,
        "convert one of them",
      );
    const literals = [then.result.literal, otherwise.result.literal].filter((one) => one !== undefined);
    const open = literals.length === 2;
    for (const [arm, value] of open
      ? []
      : ([
          [node.consequent, then.result],
          [node.alternate, otherwise.result],
        ] as const)) {
      const wrong = mismatch(value, type);
      if (wrong !== null) return this.error(arm, "type-mismatch", wrong.message, wrong.hint);
    }
    const arms = [then.result, otherwise.result].map((value) => retype(value.expr, type));
    const [first, second] = arms as [IrExpr, IrExpr];
    const wrap = (expr: IrExpr): Value =>
      open ? { expr, type: "cell", oneOf: literals } : typedValue(expr, type);
    if (test.kind === "const") {
      const chosen = test.value !== 0 ? then : otherwise;
      this.out.push(...chosen.statements);
      return wrap(test.value !== 0 ? first : second);
    }
    if (then.statements.length === 0 && otherwise.statements.length === 0)
      return wrap(conditional(test, first, second, type));
    const result = this.newLocal("$choice", type);
    const position = this.position(node);
    this.out.push({
      kind: "if",
      test,
      then: [...then.statements, { kind: "assign", local: result, value: first, position }],
      else: [...otherwise.statements, { kind: "assign", local: result, value: second, position }],
    });
    return wrap(this.localExpr(result));
  }

  /** A call; `target` is a local that may take the result directly. Void where nothing is returned. */
  call(node: CallExpression, target?: number): Value | null {
    const { callee } = node;
    if (callee.type !== "Identifier")
      return this.error(
        callee,
        "not-portable",
        "only a function's name can be called",
        "call a function of this file or an imported one by its name",
      );
    if (this.find(callee.name) !== undefined)
      return this.error(
        callee,
        "not-portable",
        `\`${callee.name}\` is a value, not a function`,
        "functions are called by name; there are no function pointers",
      );
    const meaning = this.meaning(callee, callee.name);
    if (meaning === null) return null;
    if (meaning.kind === "builtin") return this.builtin(node, meaning.name, target);
    if (meaning.kind === "type" && ["i32", "u32", "ptr"].includes(callee.name)) {
      return this.error(
        callee,
        "type-only-import",
        `\`${callee.name}\` is imported as a type only`,
        `import it without \`type\`: \`import { ${callee.name} } from "refplay/machine";\``,
      );
    }
    if (meaning.kind !== "function")
      return this.error(
        callee,
        "not-a-function",
        `\`${callee.name}\` is not a function`,
        "call a function by its name",
      );
    if (this.constantOnly)
      return this.error(
        node,
        "constant-call",
        "a constant cannot call functions",
        "compute it where it is used, or write the number",
      );
    const entry = this.linkage.functionEntry(meaning.module, meaning.name, meaning.node);
    const args = this.arguments(node, callee.name, entry.parameters);
    if (args === null) return null;
    const result = entry.result === null ? null : (target ?? this.newLocal(`$${entry.name}`, entry.result));
    this.out.push({ kind: "call", callee: entry.id, args, result, position: this.position(node) });
    return entry.result === null || result === null
      ? voidValue
      : typedValue(retype(this.localExpr(result), entry.result), entry.result);
  }

  private arguments(
    node: CallExpression,
    name: string,
    parameters: readonly { name: string; type: IrType }[],
  ): IrExpr[] | null {
    if (node.arguments.length !== parameters.length) {
      const wanted = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(", ");
      return this.error(
        node,
        "argument-count",
        `\`${name}\` takes ${parameters.length} argument${parameters.length === 1 ? "" : "s"}, not ${node.arguments.length}`,
        `call \`${name}(${wanted})\``,
      );
    }
    const args = node.arguments.map((argument, index) =>
      this.lowerTo(argument, parameters[index]?.type ?? "i32"),
    );
    return args.includes(null) ? null : (args as IrExpr[]);
  }

  private builtin(node: CallExpression, name: string, target?: number): Value | null {
    switch (name) {
      case "i32":
      case "u32":
      case "ptr":
        return this.conversion(node, name);
      case "option":
      case "layout":
      case "layoutBytes":
      case "part":
        return this.linkTime(node, name);
      case "thisCpu":
        return this.arguments(node, name, []) === null
          ? null
          : typedValue({ kind: "thisCpu", type: "i32" }, "i32");
      case "script": {
        const args = this.arguments(node, name, [{ name: "offset", type: "i32" }]);
        return args?.[0] === undefined
          ? null
          : typedValue({ kind: "script", offset: args[0], type: "i32" }, "i32");
      }
      default: {
        const operation = opByName(name);
        if (operation === undefined) throw new Error(`unknown builtin ${name}`);
        return this.operation(node, operation, target);
      }
    }
  }

  private operation(node: CallExpression, operation: OpInfo, target?: number): Value | null {
    if (this.constantOnly)
      return this.error(
        node,
        "constant-call",
        `a constant cannot use \`${operation.name}\`: there is no memory yet at link time`,
        "read it where it is used",
      );
    if (node.arguments.length !== operation.operands.length) {
      return this.error(
        node,
        "argument-count",
        `\`${operation.name}\` takes ${operation.operands.length} argument${operation.operands.length === 1 ? "" : "s"}, not ${node.arguments.length}`,
        `call \`${operation.name}(${operation.operands.join(", ")})\``,
      );
    }
    const args = node.arguments.map((argument, index) =>
      this.operand(argument, operation.operands[index] ?? ""),
    );
    if (args.includes(null)) return null;
    const resultType: IrType = operation.op === Op.rcuTake ? "ptr" : "i32";
    const result = operation.returns ? (target ?? this.newLocal(`$${operation.name}`, resultType)) : null;
    this.out.push({
      kind: "op",
      op: operation.op,
      args: args as IrExpr[],
      result,
      position: this.position(node),
    });
    if (result === null) return voidValue;
    return { expr: this.localExpr(result), type: "cell" };
  }

  /** An operand of an operation: addresses are pointers, stored values any integer, the rest i32. */
  private operand(node: Node, name: string): IrExpr | null {
    if (name === "address" || name === "head") return this.lowerTo(node, "ptr");
    const value = this.lower(node);
    if (value === null) return null;
    if (value.literal !== undefined && value.literal > 0x7fffffff) return retype(value.expr, "u32");
    const type = settled(value);
    return this.close(node, value, type === "u32" || type === "ptr" ? type : "i32");
  }

  private conversion(node: CallExpression, type: "i32" | "u32" | "ptr"): Value | null {
    const [argument] = node.arguments;
    if (argument === undefined || node.arguments.length !== 1)
      return this.error(node, "argument-count", `\`${type}\` takes one value`, `write \`${type}(x)\``);
    const value = this.lower(argument);
    if (value === null) return null;
    if (value.type === "void")
      return this.error(argument, "type-mismatch", "this returns nothing", "convert a value");
    if (value.type === "bool" && type === "ptr")
      return this.error(
        argument,
        "type-mismatch",
        "a bool is not an address",
        "convert it with `i32(x)` first if that is meant",
      );
    return typedValue(retype(value.expr, type), type);
  }

  /** `option("name")`, `layout("area")`, `layoutBytes("area")`, `part("name")`. */
  private linkTime(node: CallExpression, name: string): Value | null {
    const [argument] = node.arguments;
    if (node.arguments.length !== 1 || argument?.type !== "StringLiteral")
      return this.error(
        node,
        "argument-form",
        `\`${name}\` takes one name in quotes`,
        `write \`${name}("...")\``,
      );
    if (!this.constantOnly)
      return this.error(
        node,
        "not-link-time",
        `\`${name}\` is known at link time only`,
        `write \`const value: i32 = ${name}("${argument.value}");\` at module level`,
      );
    if (name === "option") return this.option(argument, argument.value);
    if (name === "part") return this.part(argument, argument.value);
    if (name === "layoutBytes") {
      if (!isArea(argument.value)) return this.unknownArea(argument, argument.value);
      return Linkage.integer(this.linkage.layout.total(argument.value));
    }
    if (this.module.instance === null)
      return this.error(
        node,
        "no-instance",
        "`layout` belongs to a strategy: this file is not part of one",
        "use `layoutBytes` for the size of all strategies together",
      );
    if (argument.value !== "callback" && !isArea(argument.value))
      return this.unknownArea(argument, argument.value);
    return Linkage.integer(this.linkage.layout.offset(this.module.instance, argument.value));
  }

  private unknownArea(node: Node, name: string): null {
    return this.error(
      node,
      "unknown-area",
      `there is no area \`${name}\``,
      didYouMean(name, areaNames) ?? `areas: ${areaNames.join(", ")}`,
    );
  }

  /** The number of a part's instance among those of the strategy's parts. */
  private part(node: Expression, name: string): Value | null {
    const { strategies } = this.linkage;
    const own = strategies.find(({ instance }) => instance === this.module.instance);
    const instances = strategies.filter(({ owner }) => owner !== null && owner === own?.instance);
    const chosen = own?.partInstances.get(name);
    if (chosen !== undefined)
      return Linkage.integer(instances.findIndex(({ instance }) => instance === chosen));
    const names = [...(own?.partInstances.keys() ?? [])];
    return this.error(
      node,
      "unknown-part",
      `no part \`${name}\` is declared`,
      didYouMean(name, names) ??
        'declare it in the default export: `parts: { name: { default: "kref", doc: "..." } }`',
    );
  }

  private option(node: Expression, name: string): Value | null {
    const { program, instances } = this.linkage.options;
    const known =
      this.module.instance === null
        ? program
        : (instances.get(this.module.instance) ?? new Map<string, number>());
    const value = known.get(name);
    if (value !== undefined) return Linkage.integer(value);
    return this.error(
      node,
      "unknown-option",
      `no option \`${name}\` is declared`,
      didYouMean(name, known.keys()) ??
        "declare it in the default export: `options: { name: { unit, default, min, max, doc } }`",
    );
  }
}
