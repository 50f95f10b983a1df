/**
 * Function bodies of portable code -> statements of the typed form. Loops become `block { loop { ... } }`, so that `break`
 * leaves the block and `continue` leaves an inner block behind which the update stands.
 */
import type {
  AssignmentExpression,
  Expression,
  ForStatement,
  FunctionDeclaration,
  Node,
  Statement,
  SwitchStatement,
  UpdateExpression,
  VariableDeclaration,
} from "@babel/types";
import { FaultReason } from "../../machine/ops.ts";
import type { IrFunction, IrStatement, IrType } from "../ir.ts";
import { neverEnds } from "./endless.ts";
import { ExpressionLowering, type LocalBinding } from "./expressions.ts";
import { negate } from "./fold.ts";
import type { FunctionEntry, Linkage } from "./linkage.ts";
import { refuseStatement } from "./refusals.ts";
import { settled, typedValue, type Value } from "./value.ts";

/** Where `break` and `continue` of a loop or switch lead. */
interface Exit {
  /** Labels of the source in front of the statement. */
  readonly names: readonly string[];
  readonly breakLabel: number;
  /** null: a switch, which `continue` passes by. */
  readonly continueLabel: number | null;
  readonly isPlainBlock: boolean;
}

/** Statements that see to the labels in front of them; any other is left by `break` like a block. */
const ownLabels: ReadonlySet<string> = new Set([
  "BlockStatement",
  "WhileStatement",
  "DoWhileStatement",
  "ForStatement",
  "SwitchStatement",
  "LabeledStatement",
]);

/** Names that these statements declare directly, as they are before that. */
function undeclaredNames(body: readonly Statement[]): Map<string, LocalBinding> {
  const names = new Map<string, LocalBinding>();
  for (const statement of body) {
    if (statement.type !== "VariableDeclaration") continue;
    for (const { id } of statement.declarations) {
      if (id.type === "Identifier")
        names.set(id.name, { local: -1, type: "i32", mutable: false, undeclared: true });
    }
  }
  return names;
}

export class FunctionLowering extends ExpressionLowering {
  private exits: Exit[] = [];
  private nextLabel = 0;
  private readonly usedLabels = new Set<number>();
  private pendingNames: string[] = [];

  constructor(
    linkage: Linkage,
    private readonly entry: FunctionEntry,
  ) {
    super(linkage, entry.module);
  }

  /** The whole function, or null where something in it was wrong (reported). */
  function(): IrFunction {
    const { entry } = this;
    const scope = new Map();
    for (const { name, type } of entry.parameters) {
      if (scope.has(name))
        this.error(
          entry.node,
          "duplicate-name",
          `two parameters are called \`${name}\``,
          "rename one of them",
        );
      scope.set(name, { local: this.newLocal(name, type), type, mutable: true });
    }
    this.scope.push(scope);
    const { statements, result: completes } = this.collect(() => this.block(entry.node.body.body));
    if (completes && entry.result !== null) {
      this.error(
        entry.node.id ?? entry.node,
        "missing-return",
        `\`${entry.name}\` can end without returning its ${entry.result}`,
        "add a `return` at the end",
      );
      statements.push({ kind: "fault", reason: FaultReason.noReturn, position: this.position(entry.node) });
    }
    return {
      id: entry.id,
      name: entry.name,
      file: this.position(entry.node).file,
      instance: entry.module.instance,
      parameters: entry.parameters.length,
      locals: this.locals,
      result: entry.result,
      body: statements,
      position: this.position((entry.node as FunctionDeclaration).id ?? entry.node),
    };
  }

  /** Lowers statements in a scope of their own; false where control never reaches the end. */
  private block(body: readonly Statement[]): boolean {
    this.scope.push(undeclaredNames(body));
    let completes = true;
    for (const statement of body) {
      if (completes) completes = this.statement(statement);
      // Unreachable code is still checked, and thrown away.
      else this.collect(() => this.statement(statement));
    }
    this.scope.pop();
    return completes;
  }

  /** Lowers one statement; false where control does not go on behind it. */
  private statement(node: Statement): boolean {
    switch (node.type) {
      case "BlockStatement":
        return this.named(node, (names) => this.plainBlock(node.body, names));
      case "EmptyStatement":
        return true;
      case "VariableDeclaration":
        this.declaration(node);
        return true;
      case "ExpressionStatement":
        this.expressionStatement(node.expression);
        return true;
      case "IfStatement":
        return this.ifStatement(node.test, node.consequent, node.alternate ?? null);
      case "WhileStatement":
        return this.loop(node, { test: node.test, body: node.body, update: null, testFirst: true });
      case "DoWhileStatement":
        return this.loop(node, { test: node.test, body: node.body, update: null, testFirst: false });
      case "ForStatement":
        return this.forStatement(node);
      case "SwitchStatement":
        return this.switchStatement(node);
      case "LabeledStatement": {
        this.pendingNames.push(node.label.name);
        const completes = ownLabels.has(node.body.type)
          ? this.statement(node.body)
          : this.named(node.body, (names) => this.plainBlock([node.body], names));
        this.pendingNames = [];
        return completes;
      }
      case "BreakStatement":
      case "ContinueStatement":
        this.jump(node.type === "ContinueStatement", node.label?.name ?? null);
        return false;
      case "ReturnStatement":
        this.returnStatement(node, node.argument ?? null);
        return false;
      default: {
        const refusal = refuseStatement(node);
        this.error(node, "not-portable", `portable code has no place for ${refusal.what}`, refusal.instead);
        return true;
      }
    }
  }

  /** Runs `work` with the source labels that stand directly in front of a statement. */
  private named<T>(_node: Node, work: (names: readonly string[]) => T): T {
    const names = this.pendingNames;
    this.pendingNames = [];
    return work(names);
  }

  private label(): number {
    return this.nextLabel++;
  }

  private plainBlock(body: readonly Statement[], names: readonly string[]): boolean {
    if (names.length === 0) return this.block(body);
    const label = this.label();
    const { statements, result } = this.within(
      { names, breakLabel: label, continueLabel: null, isPlainBlock: true },
      () => this.block(body),
    );
    this.out.push({ kind: "block", label, body: statements });
    return result || this.usedLabels.has(label);
  }

  private within<T>(exit: Exit, work: () => T): { result: T; statements: IrStatement[] } {
    this.exits.push(exit);
    const collected = this.collect(work);
    this.exits.pop();
    return collected;
  }

  private declaration(node: VariableDeclaration): void {
    if (node.kind === "var")
      this.error(node, "not-portable", "`var` has no block scope", "write `let` or `const`");
    for (const declarator of node.declarations) {
      if (declarator.id.type !== "Identifier") {
        this.error(
          declarator,
          "not-portable",
          "portable code has no destructuring",
          "declare one name at a time",
        );
        continue;
      }
      const { name } = declarator.id;
      if (declarator.init == null) {
        this.error(
          declarator,
          "missing-value",
          `\`${name}\` has no value`,
          `write \`let ${name}: i32 = 0;\``,
        );
        continue;
      }
      const annotated = declarator.id.typeAnnotation ?? null;
      const wanted =
        annotated === null
          ? null
          : this.linkage.annotation(this.module, annotated, declarator.id, `\`${name}\``);
      const type = this.initialize(declarator, declarator.init, name, wanted, annotated !== null);
      const level = this.scope.at(-1);
      if (level?.has(name) && level.get(name)?.undeclared !== true)
        this.error(
          declarator,
          "duplicate-name",
          `\`${name}\` is declared twice in this block`,
          "rename one of the two",
        );
      level?.set(name, { local: type.local, type: type.type, mutable: node.kind !== "const" });
    }
  }

  /** A new local with its first value; where the type is written, an operation's result goes there directly. */
  private initialize(
    node: Node,
    init: Expression,
    name: string,
    wanted: IrType | null,
    annotated: boolean,
  ): { local: number; type: IrType } {
    if (wanted !== null) {
      const local = this.newLocal(name, wanted);
      this.assignTo(node, local, wanted, init);
      return { local, type: wanted };
    }
    const value = this.lower(init);
    const type = value === null ? "i32" : settled(value);
    if (type === "void")
      this.error(init, "type-mismatch", "this returns nothing", "call a function that returns a value");
    const settledType: IrType = type === "void" ? "i32" : type;
    const local = this.newLocal(name, settledType);
    if (value !== null && type !== "void" && !annotated)
      this.assignValue(node, local, settledType, value, init);
    return { local, type: settledType };
  }

  private assignTo(node: Node, local: number, type: IrType, source: Expression): void {
    const value = this.lower(source, local);
    if (value !== null) this.assignValue(node, local, type, value, source);
  }

  private assignValue(node: Node, local: number, type: IrType, value: Value, source: Node): void {
    const expr = this.close(source, value, type);
    if (expr === null || (expr.kind === "local" && expr.local === local)) return;
    this.out.push({ kind: "assign", local, value: expr, position: this.position(node) });
  }

  private expressionStatement(node: Expression): void {
    switch (node.type) {
      case "AssignmentExpression":
        this.assignment(node);
        return;
      case "UpdateExpression":
        this.update(node);
        return;
      case "CallExpression":
        this.call(node);
        return;
      case "ParenthesizedExpression":
        this.expressionStatement(node.expression);
        return;
      case "SequenceExpression":
        for (const expression of node.expressions) this.expressionStatement(expression);
        return;
      default:
        if (this.collect(() => this.lower(node)).result !== null) {
          this.error(node, "no-effect", "this statement does nothing", "assign its value, or leave it out");
        }
    }
  }

  private assignment(node: AssignmentExpression): void {
    const binding = this.assignable(node.left);
    if (binding === null) return;
    if (node.operator === "=") {
      this.assignTo(node, binding.local, binding.type, node.right);
      return;
    }
    const operator = node.operator.slice(0, -1);
    const right = this.lower(node.right);
    if (right === null) return;
    const combined = this.combine(
      node,
      operator,
      typedValue(this.localExpr(binding.local), binding.type),
      right,
    );
    if (combined !== null) this.assignValue(node, binding.local, binding.type, combined, node);
  }

  private update(node: UpdateExpression): void {
    const binding = this.assignable(node.argument);
    if (binding === null) return;
    const one: Value = { expr: { kind: "const", value: 1, type: "i32" }, type: "literal", literal: 1 };
    const sum = this.combine(
      node,
      node.operator === "++" ? "+" : "-",
      typedValue(this.localExpr(binding.local), binding.type),
      one,
    );
    if (sum !== null) this.assignValue(node, binding.local, binding.type, sum, node);
  }

  private assignable(node: Node): { local: number; type: IrType } | null {
    if (node.type !== "Identifier") {
      const hint =
        node.type === "MemberExpression"
          ? "write a field with `store(object + Struct.field, value)`"
          : "assign to a local variable";
      return this.error(node, "not-portable", "only local variables can be assigned", hint);
    }
    const binding = this.find(node.name);
    if (binding?.undeclared === true) return this.usedTooEarly(node, node.name);
    if (binding === undefined) {
      const known = this.linkage.graph.lookup(this.module, node.name) !== null;
      return this.error(
        node,
        known ? "constant-assignment" : "unknown-name",
        known ? `\`${node.name}\` is not a local variable` : `nothing here is called \`${node.name}\``,
        "keep state in shared memory with `store`, or declare a local with `let`",
      );
    }
    if (!binding.mutable)
      return this.error(
        node,
        "constant-assignment",
        `\`${node.name}\` is a constant`,
        "declare it with `let`",
      );
    return binding;
  }

  private ifStatement(testNode: Expression, thenNode: Statement, elseNode: Statement | null): boolean {
    const test = this.lowerTo(testNode, "bool");
    const then = this.collect(() => this.block([thenNode]));
    const otherwise =
      elseNode === null ? { result: true, statements: [] } : this.collect(() => this.block([elseNode]));
    if (test === null) return true;
    if (test.kind === "const") {
      const chosen = test.value !== 0 ? then : otherwise;
      this.out.push(...chosen.statements);
      return chosen.result;
    }
    if (then.statements.length > 0 || otherwise.statements.length > 0) {
      this.out.push({ kind: "if", test, then: then.statements, else: otherwise.statements });
    }
    return then.result || otherwise.result;
  }

  private forStatement(node: ForStatement): boolean {
    return this.named(node, (names) => {
      this.scope.push(node.init?.type === "VariableDeclaration" ? undeclaredNames([node.init]) : new Map());
      if (node.init?.type === "VariableDeclaration") this.declaration(node.init);
      else if (node.init != null) this.expressionStatement(node.init);
      this.pendingNames = [...names];
      const completes = this.loop(node, {
        test: node.test ?? null,
        body: node.body,
        update: node.update ?? null,
        testFirst: true,
      });
      this.scope.pop();
      return completes;
    });
  }

  private loop(
    node: Statement,
    parts: { test: Expression | null; body: Statement; update: Expression | null; testFirst: boolean },
  ): boolean {
    return this.named(node, (names) => {
      const [breakLabel, loopLabel, continueLabel] = [this.label(), this.label(), this.label()];
      let endless = parts.test === null;
      const leaveUnless = (): void => {
        if (parts.test === null) return;
        const test = this.lowerTo(parts.test, "bool");
        if (test === null) return;
        if (test.kind === "const" && test.value !== 0) endless = true;
        else
          this.out.push({
            kind: "if",
            test: negate(test),
            then: [{ kind: "break", label: breakLabel }],
            else: [],
          });
      };
      const exit: Exit = { names, breakLabel, continueLabel, isPlainBlock: false };
      const { statements } = this.collect(() => {
        if (parts.testFirst) leaveUnless();
        const body = this.within(exit, () => this.block([parts.body]));
        this.out.push({ kind: "block", label: continueLabel, body: body.statements });
        const { update } = parts;
        const next = (): void => {
          if (update !== null) this.expressionStatement(update);
          if (!parts.testFirst) leaveUnless();
        };
        if (body.result || this.usedLabels.has(continueLabel)) next();
        else {
          // No round ever ends: update and test are checked and thrown away, and a test behind the body leaves nothing.
          this.collect(next);
          if (!parts.testFirst) endless = true;
        }
      });
      const loop: IrStatement = { kind: "loop", label: loopLabel, body: statements };
      this.out.push({ kind: "block", label: breakLabel, body: [loop] });
      if (neverEnds(statements, loopLabel)) {
        this.error(
          node,
          "endless-loop",
          "this loop never ends, and nothing in it can be waited for",
          "end it with a condition that changes, or wait for a cell with `awaitEqual`, `awaitNotEqual` or `awaitAtLeast`",
        );
      }
      return !endless || this.usedLabels.has(breakLabel);
    });
  }

  private switchStatement(node: SwitchStatement): boolean {
    return this.named(node, (names) => {
      const discriminant = this.lower(node.discriminant);
      if (discriminant === null) return true;
      const type = settled(discriminant);
      if (type === "bool" || type === "void" || type === "ptr") {
        this.error(
          node.discriminant,
          "type-mismatch",
          `\`switch\` needs an i32 or u32, not ${type}`,
          "use `if`, or convert it",
        );
        return true;
      }
      const end = this.label();
      const labels = node.cases.map(() => this.label());
      const cases: { value: number; label: number }[] = [];
      let defaultLabel = end;
      for (const [index, entry] of node.cases.entries()) {
        const label = labels[index] ?? end;
        if (entry.test == null) defaultLabel = label;
        else {
          const test = this.collect(() => this.lowerTo(entry.test as Expression, type)).result;
          if (test === null) continue;
          if (test.kind !== "const")
            this.error(
              entry.test,
              "case-constant",
              "a case must be a constant",
              "use an integer, a constant or an enum's member",
            );
          else if (cases.some(({ value }) => value === test.value))
            this.error(entry.test, "duplicate-case", "this case stands twice", "remove one of them");
          else cases.push({ value: test.value, label });
        }
      }
      const exit: Exit = { names, breakLabel: end, continueLabel: null, isPlainBlock: false };
      let body: IrStatement[] = [
        {
          kind: "switch",
          value: this.close(node.discriminant, discriminant, type) ?? this.localExpr(0),
          cases,
          default: defaultLabel,
        },
      ];
      let completes = false;
      // To TypeScript all clauses are one block: a name of one clause is known, but without a value, in the others.
      this.scope.push(undeclaredNames(node.cases.flatMap((entry) => entry.consequent)));
      for (const [index, entry] of node.cases.entries()) {
        const part = this.within(exit, () => this.block(entry.consequent));
        completes = part.result;
        body = [{ kind: "block", label: labels[index] ?? end, body }, ...part.statements];
      }
      this.scope.pop();
      this.out.push({ kind: "block", label: end, body });
      return completes || defaultLabel === end || this.usedLabels.has(end);
    });
  }

  private jump(isContinue: boolean, name: string | null): void {
    const fitting = (exit: Exit): boolean =>
      name !== null
        ? exit.names.includes(name)
        : isContinue
          ? exit.continueLabel !== null
          : !exit.isPlainBlock;
    const exit = [...this.exits].reverse().find(fitting);
    const label = isContinue ? exit?.continueLabel : exit?.breakLabel;
    // The parser has refused jumps that lead nowhere.
    if (label === undefined || label === null) throw new Error("a jump without a target");
    this.usedLabels.add(label);
    this.out.push({ kind: "break", label });
  }

  private returnStatement(node: Node, argument: Expression | null): void {
    const { result, name } = this.entry;
    if (argument === null) {
      if (result !== null)
        this.error(node, "missing-return", `\`${name}\` returns ${result}`, "return a value");
      this.out.push({ kind: "return", value: null });
      return;
    }
    if (result === null) {
      this.error(
        argument,
        "type-mismatch",
        `\`${name}\` returns nothing`,
        "leave the value out, or annotate the function's result",
      );
      return;
    }
    const value = this.lowerTo(argument, result);
    if (value !== null) this.out.push({ kind: "return", value });
  }
}
