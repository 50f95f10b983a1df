/**
 * The linker's front door: a program's modules, strategies and options in, the typed form out. No `node:` dependency; files
 * come through a `SourceHost`.
 */
import { RefplayError } from "../errors.ts";
import { Op } from "../machine/ops.ts";
import { contractConstants } from "./contract.ts";
import { readDescription, readProgramOptions } from "./description.ts";
import { orderCalls, RecursionError, renumber } from "./front/call-graph.ts";
import { checkContract } from "./front/check-contract.ts";
import { ExpressionLowering } from "./front/expressions.ts";
import type { PartChoices, StrategyUse } from "./front/graph.ts";
import { Linkage } from "./front/linkage.ts";
import type { Module } from "./front/module.ts";
import { placedNames } from "./front/placed.ts";
import { FunctionLowering } from "./front/statements.ts";
import type { IrFunction, IrProgram, IrStatement } from "./ir.ts";
import { completeOptions } from "./options.ts";
import { linkedStrategies } from "./parts.ts";
import type { SourceHost } from "./source-host.ts";

export type { PartChoices, StrategyUse } from "./front/graph.ts";

export interface ProgramSpec {
  /** Path of the entry module. */
  readonly module: string;
  /** Names of the entry module's exported functions, or all of them. */
  readonly entries: readonly string[] | "all";
  readonly strategies: readonly StrategyUse[];
  /** Options of the program that differ from the defaults its entry module declares. */
  readonly options: Readonly<Record<string, number>>;
  /** Leaves out what only the compiled build needs: the kernel's RCU, and with it the kernel's callbacks. False unless given. */
  readonly steppedOnly?: boolean;
  /**
   * Path of the module whose `runCallback(cpu, id, head)` runs RCU callbacks, as `refplay/callbacks`: for a program that is not
   * the kernel of labels. The kernel's unless given.
   */
  readonly callbacks?: string;
}

/**
 * What the compiled build makes of the operations that an engine performs elsewhere: functions of the kernel's
 * quiescent-state RCU, or nothing (null).
 */
const compiledOperations: readonly { readonly op: Op; readonly function: string | null }[] = [
  { op: Op.rcuReadLock, function: null },
  { op: Op.rcuReadUnlock, function: null },
  { op: Op.callRcu, function: "rcuCall" },
  { op: Op.synchronizeRcu, function: "rcuSynchronize" },
  { op: Op.quiescent, function: "rcuQuiescent" },
  { op: Op.work, function: "rcuWork" },
];

/** The usual program: the kernel with one strategy. */
export function kernelProgram(
  strategy: {
    readonly path: string;
    readonly options?: Readonly<Record<string, number>>;
    readonly parts?: PartChoices;
  },
  options: Readonly<Record<string, number>>,
  host: SourceHost,
): ProgramSpec {
  const module = host.resolve("refplay/internal/program", "");
  if (module === undefined) throw new Error("the host does not provide the kernel's program");
  return {
    module,
    entries: "all",
    strategies: [{ ...strategy, instance: "strategy", options: strategy.options ?? {} }],
    options,
  };
}

/** Evaluates the initialiser of a constant or enum member. */
function constantEvaluator(linkage: Linkage) {
  return (
    module: Module,
    node: Parameters<ExpressionLowering["lower"]>[0],
    members: ReadonlyMap<string, number>,
  ) => {
    const value = new ExpressionLowering(linkage, module, members, true).lower(node);
    if (value === null || value.expr.kind === "const") return value;
    linkage.report(
      module,
      node,
      "not-constant",
      "this is not known at link time",
      "use integers, constants, enums, `option()` and `layout()`",
    );
    return null;
  };
}

/**
 * Links a program.
 * @throws RefplayErrors with every mistake found in the sources, RefplayError for one in the options
 */
export function linkProgram(spec: ProgramSpec, sources: SourceHost): IrProgram {
  const host = withCallbacks(sources, spec.callbacks);
  const strategies = linkedStrategies(spec.strategies, host);
  const linkage = new Linkage(host, strategies, constantEvaluator);
  const entryModule = linkage.graph.load(spec.module, null);
  const strategyModules = strategies.map((use) => linkage.graph.strategyModule(use));
  if (entryModule === null || strategyModules.includes(null)) linkage.diagnostics.throwIfAny();
  linkage.options = {
    program: completeOptions(readProgramOptions(spec.module, host), spec.options, "the program"),
    instances: new Map(
      strategies.map((use) => [
        use.instance,
        completeOptions(readDescription(use.path, host).options, use.options, `strategy ${use.instance}`),
      ]),
    ),
  };
  if (entryModule === null) throw new Error("a module that cannot be loaded is always reported");
  for (const use of strategies) checkContract(linkage, use);

  const entries = entryFunctions(linkage, entryModule, spec);
  for (const module of strategyModules) if (module !== null) requestAll(linkage, module);
  const functions = lowerRequested(linkage);
  const lowerings = spec.steppedOnly === true ? new Map() : linkOperations(linkage, host, functions);
  linkage.diagnostics.throwIfAny();
  for (const module of linkage.graph.loaded()) {
    if (module.instance !== null) linkage.structs.push(...placedNames(linkage, module));
  }
  return assemble(linkage, functions, entries, lowerings, exportedConstants(linkage));
}

/** The same host, with a program's own RCU callbacks in place of the kernel's. */
function withCallbacks(host: SourceHost, callbacks: string | undefined): SourceHost {
  if (callbacks === undefined) return host;
  return {
    read: (path) => host.read(path),
    resolve: (specifier, importer) =>
      specifier === "refplay/callbacks" ? callbacks : host.resolve(specifier, importer),
    display: (path) => host.display(path),
  };
}

function entryFunctions(linkage: Linkage, module: Module, spec: ProgramSpec): Map<string, number> {
  const entries = new Map<string, number>();
  const wanted = spec.entries === "all" ? linkage.graph.exportedNames(module) : spec.entries;
  for (const name of wanted) {
    const meaning = linkage.graph.exported(module, name);
    if (meaning?.kind === "function")
      entries.set(name, linkage.functionEntry(meaning.module, meaning.name, meaning.node).id);
    else if (spec.entries !== "all")
      linkage.report(
        module,
        null,
        "unknown-entry",
        `the program has no entry \`${name}\``,
        "export a function of that name",
      );
  }
  return entries;
}

/** Makes every function of a module be lowered, so that its mistakes are told even where nothing calls it yet. */
function requestAll(linkage: Linkage, module: Module): void {
  for (const [name, declaration] of module.declarations) {
    if (declaration.kind === "function") linkage.functionEntry(module, name, declaration.node);
    if (declaration.kind === "import") linkage.graph.lookup(module, name);
    if (declaration.kind === "enum") linkage.enumMembers(module, name, declaration.node);
  }
}

/** Lowers functions until no new ones turn up. */
function lowerRequested(linkage: Linkage): Map<number, IrFunction> {
  const functions = new Map<number, IrFunction>();
  for (let id = 0; id < linkage.functions.length; id++) {
    const entry = linkage.functions[id];
    if (entry !== undefined) functions.set(id, new FunctionLowering(linkage, entry).function());
  }
  return functions;
}

function usesOperation(body: readonly IrStatement[], op: Op): boolean {
  return body.some((statement) => {
    if (statement.kind === "op") return statement.op === op;
    if (statement.kind === "if")
      return usesOperation(statement.then, op) || usesOperation(statement.else, op);
    return (statement.kind === "block" || statement.kind === "loop") && usesOperation(statement.body, op);
  });
}

/** Finds the kernel functions that the compiled build calls for the RCU operations the program uses. */
function linkOperations(
  linkage: Linkage,
  host: SourceHost,
  functions: Map<number, IrFunction>,
): Map<Op, number | null> {
  const lowerings = new Map<Op, number | null>();
  const path = host.resolve("refplay/internal/rcu-qsbr", "");
  const used = (op: Op): boolean => [...functions.values()].some((entry) => usesOperation(entry.body, op));
  // What one of them calls may use another one.
  for (let known = -1; known !== functions.size; ) {
    known = functions.size;
    for (const { op, function: name } of compiledOperations) {
      if (name === null) lowerings.set(op, null);
      else if (!lowerings.has(op) && used(op) && path !== undefined) {
        const module = linkage.graph.load(path, null);
        const meaning = module === null ? null : linkage.graph.exported(module, name);
        if (meaning?.kind !== "function") throw new Error(`the kernel's RCU has no function ${name}`);
        lowerings.set(op, linkage.functionEntry(meaning.module, meaning.name, meaning.node).id);
      }
    }
    for (const [id, entry] of lowerRequested(linkage)) functions.set(id, entry);
  }
  return lowerings;
}

/** Exported integer constants of every module, by name; a strategy's by `instance.name`, those of its parts by `instance.part.name`. */
function exportedConstants(linkage: Linkage): Map<string, number> {
  const constants = new Map<string, number>();
  for (const module of linkage.graph.loaded()) {
    for (const name of linkage.graph.exportedNames(module)) {
      const meaning = linkage.graph.exported(module, name);
      if (meaning?.kind !== "constant") continue;
      const annotation =
        meaning.node.id.type === "Identifier" ? (meaning.node.id.typeAnnotation ?? null) : null;
      const value = linkage.constantValue(
        meaning.module,
        name,
        meaning.node,
        meaning.initializer,
        annotation,
      );
      if (value === null || value.expr.kind !== "const") continue;
      const key = module.instance === null ? name : `${module.instance}.${name}`;
      if (!constants.has(key)) constants.set(key, value.expr.value);
    }
  }
  linkage.diagnostics.throwIfAny();
  for (const { instance, partInstances } of linkage.strategies) {
    for (const [part, shared] of partInstances) {
      for (const { name } of contractConstants) {
        const value = constants.get(`${shared}.${name}`);
        if (value !== undefined) constants.set(`${instance}.${part}.${name}`, value);
      }
    }
  }
  return constants;
}

function assemble(
  linkage: Linkage,
  functions: ReadonlyMap<number, IrFunction>,
  entries: ReadonlyMap<string, number>,
  lowerings: ReadonlyMap<Op, number | null>,
  constants: ReadonlyMap<string, number>,
): IrProgram {
  const helpers = [...lowerings.values()].filter((id) => id !== null);
  let order: number[];
  try {
    // Every lowered function is checked for recursion; only those that an entry reaches are kept.
    orderCalls(functions, [...functions.keys()]);
    order = orderCalls(functions, [...entries.values(), ...helpers]);
  } catch (error) {
    if (error instanceof RecursionError) throw recursion(linkage, functions, error.cycle);
    throw error;
  }
  const ids = new Map(order.map((id, index) => [id, index]));
  const moved = (id: number): number => ids.get(id) ?? id;
  return {
    files: linkage.files,
    functions: order.map((id, index) => {
      const entry = functions.get(id);
      if (entry === undefined) throw new Error(`function ${id} was never lowered`);
      return { ...entry, id: index, body: renumber(entry.body, ids) };
    }),
    entries: new Map([...entries].map(([name, id]) => [name, moved(id)])),
    lowerings: new Map([...lowerings].map(([op, id]) => [op, id === null ? null : moved(id)])),
    structs: linkage.structs,
    constants,
  };
}

function recursion(
  linkage: Linkage,
  functions: ReadonlyMap<number, IrFunction>,
  cycle: readonly number[],
): RefplayError {
  const names = cycle.map((id) => functions.get(id)?.name ?? "?");
  const first = functions.get(cycle[0] ?? -1);
  const position = first?.position;
  const file = linkage.files[position?.file ?? 0] ?? "";
  const message =
    names.length === 2
      ? `\`${names[0]}\` calls itself`
      : `these functions call each other in a circle: ${names.join(" > ")}`;
  return new RefplayError("recursion", message, {
    hint: "portable code has no recursion: use a loop, or leave the rest to a later step (`callRcu`, `maintain`)",
    location: { file, line: position?.line ?? 1, column: position?.column ?? 1 },
  });
}
