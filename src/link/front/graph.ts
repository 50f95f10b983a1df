/**
 * The module graph of one program: loads files on demand and finds what a name means, through imports, re-exports and the
 * virtual modules `refplay/machine`, `refplay/strategy`, `refplay/strategy/self`, `refplay/strategy/<instance>` and, in a
 * strategy that has parts, `refplay/strategy/<part>`.
 */
import type {
  Expression,
  FunctionDeclaration,
  Node,
  TSEnumDeclaration,
  VariableDeclarator,
} from "@babel/types";
import { RefplayError } from "../../errors.ts";
import { opTable } from "../../machine/ops.ts";
import { nearestName } from "../../names.ts";
import { contractConstants, contractFunctions } from "../contract.ts";
import type { SourceHost } from "../source-host.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type Module, parseModule } from "./module.ts";

/** A strategy as one program uses it. Several may be in one program, each with its own constants and bytes. */
export interface StrategyUse {
  /** Name of this use, unique in the program: letters, digits, `-`. */
  readonly instance: string;
  /** Path of the strategy's file, as the host knows it. */
  readonly path: string;
  /** Options that differ from the declared defaults. */
  readonly options: Readonly<Record<string, number>>;
  /** Strategies for its parts, where they are not the declared defaults. */
  readonly parts?: PartChoices;
}

/** A strategy for one part of another. */
export interface PartChoice {
  /** Path of the strategy's file, as the host knows it. */
  readonly path: string;
  /** Options that differ from the declared defaults. */
  readonly options?: Readonly<Record<string, number>>;
}

/** By the name of the part; parts that are left out have their declared default. */
export type PartChoices = Readonly<Record<string, PartChoice>>;

/** A strategy as it is linked: by itself, or as a part of another one. */
export interface LinkedStrategy extends StrategyUse {
  /** Instance that this is a part of, or null. */
  readonly owner: string | null;
  /** The instance that each of its own parts is; several parts may be one. */
  readonly partInstances: ReadonlyMap<string, string>;
}

/** What a name means once imports are followed. */
export type Meaning =
  | { readonly kind: "builtin"; readonly name: string }
  | {
      readonly kind: "function";
      readonly module: Module;
      readonly name: string;
      readonly node: FunctionDeclaration;
    }
  | {
      readonly kind: "constant";
      readonly module: Module;
      readonly name: string;
      readonly node: VariableDeclarator;
      readonly initializer: Expression;
    }
  | {
      readonly kind: "enum";
      readonly module: Module;
      readonly name: string;
      readonly node: TSEnumDeclaration;
    }
  /** A constant that the strategy leaves out, with the contract's default. */
  | { readonly kind: "default"; readonly value: number }
  | { readonly kind: "type" };

/** Functions of the machine that are not operations. */
const intrinsics = [
  "i32",
  "u32",
  "ptr",
  "option",
  "layout",
  "layoutBytes",
  "part",
  "script",
  "thisCpu",
] as const;
const builtinNames: ReadonlySet<string> = new Set([...opTable.map((entry) => entry.name), ...intrinsics]);
const machineTypes: ReadonlySet<string> = new Set(["i32", "u32", "ptr", "bool", "LayoutArea"]);

/** A suggestion in words, or nothing where no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}

export class ModuleGraph {
  private readonly modules = new Map<string, Module | null>();
  private readonly machinePath: string | undefined;
  private readonly defaultsPath: string | undefined;

  constructor(
    readonly host: SourceHost,
    readonly strategies: readonly LinkedStrategy[],
    readonly diagnostics: Diagnostics,
  ) {
    this.machinePath = host.resolve("refplay/machine", "");
    this.defaultsPath = host.resolve("refplay/internal/contract-defaults", "");
  }

  /** Every module that was loaded and parsed, in order of loading. */
  loaded(): Module[] {
    return [...this.modules.values()].filter((module) => module !== null);
  }

  /** Loads a file for a strategy instance, or for nobody. Null where it is missing or does not parse (reported). */
  load(path: string, instance: string | null): Module | null {
    const key = `${instance ?? ""}\n${path}`;
    const known = this.modules.get(key);
    if (known !== undefined) return known;
    const file = this.host.display(path);
    const text = this.host.read(path);
    let module: Module | null = null;
    if (text === undefined) {
      this.diagnostics.add(
        new RefplayError("missing-file", "there is no such file", {
          hint: "check the path",
          location: { file },
        }),
      );
    } else {
      module = parseModule(path, file, text, instance, this.diagnostics);
    }
    this.modules.set(key, module);
    return module;
  }

  strategyModule(use: StrategyUse): Module | null {
    return this.load(use.path, use.instance);
  }

  /** What `name` means inside a module; null (unreported) where nothing declares it. */
  lookup(module: Module, name: string): Meaning | null {
    const declaration = module.declarations.get(name);
    if (declaration === undefined) return module.types.has(name) ? { kind: "type" } : null;
    if (declaration.kind !== "import") return { ...declaration, module, name } as Meaning;
    return this.imported(module, declaration.specifier, declaration.imported, declaration.node);
  }

  /** What a module exports under a name; null (unreported) where it does not. */
  exported(module: Module, name: string, seen: Set<Module> = new Set()): Meaning | null {
    if (seen.has(module)) return null;
    seen.add(module);
    const local = module.localExports.get(name);
    if (local !== undefined) return this.lookup(module, local);
    if (module.types.has(name)) return { kind: "type" };
    const direct = module.reExports.get(name);
    if (direct !== undefined) return this.imported(module, direct.specifier, direct.imported, direct.node);
    for (const star of module.starExports) {
      if (this.isMachine(module, star.specifier) && builtinNames.has(name)) return { kind: "builtin", name };
      const target = this.target(module, star.specifier, star.node);
      const found = target === null ? null : this.exported(target, name, seen);
      if (found !== null) return found;
    }
    return null;
  }

  /** Every name a module exports itself, for suggestions. */
  exportedNames(module: Module): string[] {
    return [...module.localExports.keys(), ...module.reExports.keys()];
  }

  private isMachine(module: Module, specifier: string): boolean {
    return (
      specifier === "refplay/machine" ||
      (this.machinePath !== undefined && this.host.resolve(specifier, module.path) === this.machinePath)
    );
  }

  private imported(module: Module, specifier: string, name: string, node: Node): Meaning | null {
    if (this.isMachine(module, specifier)) {
      if (builtinNames.has(name)) return { kind: "builtin", name };
      if (machineTypes.has(name)) return { kind: "type" };
      this.report(
        module,
        node,
        "unknown-operation",
        `the machine has no operation \`${name}\``,
        didYouMean(name, builtinNames) ?? "the operations are listed in docs/machine.md",
      );
      return null;
    }
    if (specifier === "refplay/strategy" || specifier.startsWith("refplay/strategy/")) {
      return this.contractMember(module, specifier.slice("refplay/strategy".length + 1), name, node);
    }
    const target = this.target(module, specifier, node);
    if (target === null) return null;
    const meaning = this.exported(target, name);
    if (meaning === null) {
      this.report(
        module,
        node,
        "unknown-import",
        `\`${specifier}\` exports no \`${name}\``,
        didYouMean(name, this.exportedNames(target)) ?? "import a name that it exports",
      );
    }
    return meaning;
  }

  private target(module: Module, specifier: string, node: Node): Module | null {
    const path = this.host.resolve(specifier, module.path);
    if (path === undefined) {
      this.report(
        module,
        node,
        "unknown-module",
        `cannot find the module \`${specifier}\``,
        "portable code imports `refplay/machine`, `refplay/kernel` and files named with their extension, such as `./my-list.ts`",
      );
      return null;
    }
    // Files a strategy is made of belong to its instance; the kernel and the contract's defaults exist once.
    const instance = specifier.startsWith(".") && module.path !== this.defaultsPath ? module.instance : null;
    return this.load(path, instance);
  }

  /** A function or constant of the contract: the strategy's own, or else the default. */
  private contractMember(module: Module, which: string, name: string, node: Node): Meaning | null {
    const use = this.useNamed(module, which, node);
    if (use === null) return null;
    return this.contractMeaning(use, name, () => {
      const names = [
        ...contractFunctions.map((entry) => entry.name),
        ...contractConstants.map((entry) => entry.name),
      ];
      this.report(
        module,
        node,
        "not-in-contract",
        `\`${name}\` is not part of the strategy contract`,
        didYouMean(name, names) ?? "see docs/strategy-contract.md",
      );
    });
  }

  /** What a strategy instance offers under a name of the contract. */
  contractMeaning(use: StrategyUse, name: string, unknown: () => void = () => undefined): Meaning | null {
    const strategy = this.strategyModule(use);
    if (strategy === null) return null;
    const own = this.exported(strategy, name);
    if (own !== null) return own;
    const missingConstant = contractConstants.find((entry) => entry.name === name);
    if (missingConstant !== undefined) return { kind: "default", value: missingConstant.default ?? 0 };
    const missing = contractFunctions.find((entry) => entry.name === name);
    // A required function that is missing has been reported by the contract check.
    if (missing?.required === true) return null;
    if (missing === undefined) {
      unknown();
      return null;
    }
    if (this.defaultsPath === undefined)
      throw new Error("the host does not provide the contract's default functions");
    const defaults = this.load(this.defaultsPath, use.instance);
    return defaults === null ? null : this.exported(defaults, name);
  }

  private useNamed(module: Module, which: string, node: Node): StrategyUse | null {
    const roots = this.strategies.filter(({ owner }) => owner === null);
    const own = this.strategies.find(({ instance }) => instance === module.instance);
    const name = which === "self" ? module.instance : (own?.partInstances.get(which) ?? which);
    if (name === "" && roots.length === 1) return roots[0] ?? null;
    const use = this.strategies.find((candidate) => candidate.instance === name);
    if (use !== undefined) return use;
    const parts = [...(own?.partInstances.keys() ?? [])];
    const names = parts.length > 0 ? parts : roots.map(({ instance }) => instance);
    const known = names.map((candidate) => `\`refplay/strategy/${candidate}\``).join(", ");
    let message = `this program has no strategy \`${name ?? "self"}\``;
    if (name === "")
      message = `this program has ${roots.length} strategies, so \`refplay/strategy\` names none of them`;
    else if (parts.length > 0) message = `this strategy has no part \`${which}\``;
    this.report(
      module,
      node,
      "unknown-strategy",
      message,
      known === "" ? "link it with a strategy" : `import from one of ${known}`,
    );
    return null;
  }

  report(module: Module, node: Node | null, code: string, message: string, hint: string): void {
    this.diagnostics.report(module.file, node, code, message, hint);
  }
}
