/**
 * What becomes of an actor's own CPU number. Actors that do the same on different CPUs are interchangeable only if the
 * number merely finds the CPU's own area; any other use is reported, and so is one that this file cannot follow.
 *
 * Two kinds of values are followed. A number: `thisCpu`, copies of it, and the parameter `cpu` of an entry, which whoever
 * starts the entry must set to the actor's CPU. An address: `base + number * stride`, which may be copied, passed, moved by
 * what does not depend on the CPU, stored, and tested for equality with another address or 0. That memory then holds a
 * different address on every CPU is for the reader of memory to mind.
 */
import { Op, opByCode } from "../../machine/ops.ts";
import type { IrExpr, IrFunction, IrPosition } from "../ir.ts";
import { jumpTargets, type StraightStatement } from "./blocks.ts";
import { type Flow, type FlowGraph, flowGraph, resultNode } from "./flow.ts";
import type { BitSet, Liveness } from "./liveness.ts";
import type { Unit } from "./unit.ts";

/** Smallest stride of an area: a cache line. */
const smallestStride = 64;

/** Operands that may hold an address of the CPU's own area; `fetchAdd` and its like compute with their value. */
const addressOperands = new Set(["address", "head", "value", "expected", "desired", "argument"]);
const computingOps = new Set<Op>([Op.fetchAdd, Op.fetchAnd, Op.fetchOr]);

/** Indices of an entry's parameters that are taken for the number of the CPU that it runs on. */
export function cpuParameters(fn: IrFunction): number[] {
  const found: number[] = [];
  for (let i = 0; i < fn.parameters; i++) {
    if (fn.locals[i]?.name === "cpu" && fn.locals[i]?.type === "i32") found.push(i);
  }
  return found;
}

/** One place where the CPU number becomes an address; in bytes. */
export interface CpuArea {
  readonly base: number | null;
  readonly stride: number;
}

/** What an expression is as far as the CPU number goes; `bad`: it computes with it. */
type Nature = "plain" | "number" | "address" | "bad";

/** What other entries hand to the functions that they share with this one does not count. */
function reachableFrom(units: ReadonlyMap<number, Unit>, entry: number): Map<number, Unit> {
  const found = new Map<number, Unit>();
  const pending = [entry];
  for (const id of pending) {
    if (found.has(id)) continue;
    const unit = units.get(id) as Unit;
    found.set(id, unit);
    for (const { end } of unit.blocks) if (end.kind === "call") pending.push(end.callee);
  }
  return found;
}

/** The CPU number in everything that one entry reaches. */
export class OwnCpu {
  /** By node: 1 where the value certainly is the actor's CPU number. */
  private readonly numbers: Uint8Array;
  /** By node: 1 where it may be an address of the CPU's own area. */
  private readonly addresses: Uint8Array;
  private readonly entry: number;
  /** Functions that the entry reaches. */
  private readonly units: ReadonlyMap<number, Unit>;
  private readonly liveness: ReadonlyMap<number, Liveness>;
  private readonly graph: FlowGraph;
  /** Products `number * stride` that were met, and the constants that some were added to at once. */
  private readonly strides = new Map<IrExpr, number>();
  private readonly bases = new Map<IrExpr, number>();
  /** By node: 1 where the value certainly is a reference. */
  private references: Uint8Array;

  constructor(units: ReadonlyMap<number, Unit>, entry: number, liveness: ReadonlyMap<number, Liveness>) {
    this.entry = entry;
    this.units = reachableFrom(units, entry);
    this.liveness = liveness;
    const graph = flowGraph(this.units, liveness);
    this.graph = graph;
    this.numbers = this.certain(
      (fn, parameter) => cpuParameters(fn).includes(parameter),
      (expr) => expr.kind === "thisCpu",
      false,
    );
    // While references are sought everything is one that no flow denies.
    this.references = new Uint8Array(graph.nodes).fill(1);
    this.addresses = new Uint8Array(graph.nodes);
    this.findAddresses();
    this.references = this.certain(
      () => false,
      (expr, base, nodes) => this.isReference(expr, base, nodes),
      true,
    );
  }

  /**
   * By node: 1 where nothing else arrives than what `accepts` names, what operations return if `returned`, and copies of
   * these. Everything that gets a value counts until something else is found to arrive there.
   */
  private certain(
    given: (fn: IrFunction, parameter: number) => boolean,
    accepts: (expr: IrExpr, base: number, nodes: Uint8Array) => boolean,
    returned: boolean,
  ): Uint8Array {
    const { graph } = this;
    const nodes = new Uint8Array(graph.nodes);
    for (const flow of graph.flows) nodes[flow.to] = 1;
    const { fn } = this.units.get(this.entry) as Unit;
    const first = graph.base.get(this.entry) as number;
    for (let i = 0; i < fn.parameters; i++) nodes[first + i] = given(fn, i) ? 1 : 0;
    const holds = ({ source, base }: Flow): boolean => {
      switch (source.kind) {
        case "result":
          return nodes[source.node] === 1;
        case "operation":
          return returned;
        case "divide":
          return false;
        case "expression":
          if (source.value.kind === "local") return nodes[base + source.value.local] === 1;
          return accepts(source.value, base, nodes);
      }
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (const flow of graph.flows) {
        if (nodes[flow.to] === 0 || holds(flow)) continue;
        nodes[flow.to] = 0;
        changed = true;
      }
    }
    return nodes;
  }

  private findAddresses(): void {
    const { addresses, graph } = this;
    const isAddress = ({ source, base }: Flow): boolean => {
      if (source.kind === "result") return addresses[source.node] === 1;
      return source.kind === "expression" && this.nature(source.value, base) === "address";
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (const flow of graph.flows) {
        if (addresses[flow.to] === 1 || !isAddress(flow)) continue;
        addresses[flow.to] = 1;
        changed = true;
      }
    }
  }

  private nature(expr: IrExpr, base: number): Nature {
    switch (expr.kind) {
      case "const":
        return "plain";
      case "thisCpu":
        return "number";
      case "local":
        if (this.numbers[base + expr.local] === 1) return "number";
        return this.addresses[base + expr.local] === 1 ? "address" : "plain";
      case "script":
        return this.nature(expr.offset, base) === "plain" ? "plain" : "bad";
      case "conditional": {
        const then = this.nature(expr.then, base);
        const otherwise = this.nature(expr.else, base);
        if (this.nature(expr.test, base) !== "plain" || then === "bad" || otherwise === "bad") return "bad";
        if (then === otherwise) return then;
        return then === "number" || otherwise === "number" ? "bad" : "address";
      }
      case "binary":
        return this.natureOfBinary(expr, base);
    }
  }

  private natureOfBinary(expr: Extract<IrExpr, { kind: "binary" }>, base: number): Nature {
    const left = this.nature(expr.left, base);
    const right = this.nature(expr.right, base);
    if (left === "plain" && right === "plain") return "plain";
    const follows = (a: Nature, b: IrExpr, other: Nature): boolean =>
      a === "number" && other === "plain" && b.kind === "const" && b.value >= smallestStride;
    switch (expr.op) {
      case "mul": {
        const stride = follows(left, expr.right, right)
          ? expr.right
          : follows(right, expr.left, left)
            ? expr.left
            : null;
        if (stride?.kind !== "const") return "bad";
        this.strides.set(expr, stride.value);
        return "address";
      }
      case "add":
        if (expr.right.kind === "const") this.bases.set(expr.left, expr.right.value);
        if (expr.left.kind === "const") this.bases.set(expr.right, expr.left.value);
        if (left === "address" && right === "plain") return "address";
        return left === "plain" && right === "address" ? "address" : "bad";
      case "sub":
        return left === "address" && right === "plain" ? "address" : "bad";
      case "eq":
      case "ne":
        if (left === "number" || right === "number" || left === "bad" || right === "bad") return "bad";
        return this.isReference(expr.left, base) && this.isReference(expr.right, base) ? "plain" : "bad";
      default:
        return "bad";
    }
  }

  /**
   * Whether a value means the same place on every CPU once addresses are renamed with the CPUs: 0, an address of the own
   * area, what an operation returned, a field of one of these. Constants and counters stay what they are.
   */
  private isReference(expr: IrExpr, base: number, references = this.references): boolean {
    switch (expr.kind) {
      case "const":
        return expr.value === 0;
      case "local":
        return references[base + expr.local] === 1;
      case "conditional":
        return this.isReference(expr.then, base, references) && this.isReference(expr.else, base, references);
      case "binary": {
        if (this.nature(expr, base) === "address") {
          // The product alone is 0 on CPU 0 only.
          if (expr.op === "mul") return false;
          const { left, right } = expr;
          const [address, moved] = this.nature(left, base) === "address" ? [left, right] : [right, left];
          const isProduct = address.kind === "binary" && address.op === "mul";
          if (isProduct) return expr.op === "add" && (moved.kind !== "const" || moved.value !== 0);
          return this.isReference(address, base, references);
        }
        return (
          expr.op === "add" && expr.right.kind === "const" && this.isReference(expr.left, base, references)
        );
      }
      default:
        return false;
    }
  }

  /** Whether that local of a function holds the number wherever it is alive. */
  isNumber(id: number, local: number): boolean {
    const base = this.graph.base.get(id);
    return base !== undefined && this.numbers[base + local] === 1;
  }

  /** Where the areas are that the number finds: `base + number * stride`; the base is null where no constant is added at once. */
  areas(): CpuArea[] {
    return [...this.strides].map(([product, stride]) => ({ base: this.bases.get(product) ?? null, stride }));
  }

  /** Every constant in what the entry reaches, but for strides and what is added to a product at once. */
  constants(): Set<number> {
    const found = new Set<number>();
    const look = (expr: IrExpr): void => {
      switch (expr.kind) {
        case "const":
          found.add(expr.value);
          break;
        case "binary":
          // Strides and bases are known, the latter by the product that they are added to.
          if (this.strides.has(expr)) break;
          if (!(expr.left.kind === "const" && this.strides.has(expr.right))) look(expr.left);
          if (!(expr.right.kind === "const" && this.strides.has(expr.left))) look(expr.right);
          break;
        case "conditional":
          look(expr.test);
          look(expr.then);
          look(expr.else);
          break;
        case "script":
          look(expr.offset);
          break;
      }
    };
    const straight = (code: readonly StraightStatement[]): void => {
      for (const statement of code) {
        if (statement.kind === "assign") look(statement.value);
        else if (statement.kind === "divide") {
          look(statement.left);
          look(statement.right);
        } else {
          look(statement.test);
          straight(statement.then as readonly StraightStatement[]);
          straight(statement.else as readonly StraightStatement[]);
        }
      }
    };
    for (const { blocks } of this.units.values()) {
      for (const { code, end } of blocks) {
        straight(code);
        if (end.kind === "op" || end.kind === "call") for (const arg of end.args) look(arg);
        else if (end.kind === "branch") look(end.test);
        else if ((end.kind === "switch" || end.kind === "return") && end.value !== null) look(end.value);
      }
    }
    return found;
  }

  /** The first place where the number is used otherwise; null: there is none. */
  misuse(): { readonly owner: number; readonly position: IrPosition } | null {
    const { entry } = this;
    const order = [entry];
    for (const id of order) {
      const position = this.misuseIn(this.units.get(id) as Unit, id === entry, (callee) => {
        if (!order.includes(callee)) order.push(callee);
      });
      if (position !== null) return { owner: id, position };
    }
    return null;
  }

  private misuseIn(unit: Unit, isEntry: boolean, calls: (callee: number) => void): IrPosition | null {
    const base = this.graph.base.get(unit.fn.id) as number;
    // Jumps have no position of their own: the last one before them is near enough.
    const before = new Map<number, IrPosition>([[0, unit.fn.position]]);
    for (const block of unit.blocks) {
      let at = block.resume?.position ?? before.get(block.index) ?? unit.fn.position;
      const takes = (expr: IrExpr, to: number): boolean => {
        const nature = this.nature(expr, base);
        return nature === "plain" || nature === "address" || (nature === "number" && this.numbers[to] === 1);
      };
      const plain = (expr: IrExpr): boolean => this.nature(expr, base) === "plain";
      const straight = (code: readonly StraightStatement[]): boolean =>
        code.every((statement) => {
          if (statement.kind === "if") {
            return (
              plain(statement.test) &&
              straight(statement.then as readonly StraightStatement[]) &&
              straight(statement.else as readonly StraightStatement[])
            );
          }
          at = statement.position;
          if (statement.kind === "assign") return takes(statement.value, base + statement.local);
          return plain(statement.left) && plain(statement.right);
        });
      if (!straight(block.code)) return at;
      const { end } = block;
      if (end.kind === "op" || end.kind === "call") at = end.position;
      switch (end.kind) {
        case "branch":
          if (!plain(end.test)) return at;
          break;
        case "switch":
          if (!plain(end.value)) return at;
          break;
        case "op":
          if (!end.args.every((arg, i) => this.isOperand(end.op, i, this.nature(arg, base)))) return at;
          break;
        case "call": {
          calls(end.callee);
          const arriving = this.liveness.get(end.callee)?.before[0] as BitSet;
          const to = this.graph.base.get(end.callee) as number;
          if (!end.args.every((arg, i) => !arriving.has(i) || takes(arg, to + i))) return at;
          break;
        }
        case "return":
          if (end.value === null) break;
          if (isEntry ? !plain(end.value) : !takes(end.value, resultNode(this.graph, unit))) return at;
          break;
      }
      for (const next of jumpTargets(block)) if (!before.has(next.index)) before.set(next.index, at);
    }
    return null;
  }

  private isOperand(op: Op, index: number, nature: Nature): boolean {
    if (nature === "plain") return true;
    const name = opByCode(op).operands[index] ?? "";
    return nature === "address" && addressOperands.has(name) && (index === 0 || !computingOps.has(op));
  }
}
