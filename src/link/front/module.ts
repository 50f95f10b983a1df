/**
 * One source file of portable code, parsed: its declarations by name, before anything is evaluated.
 *
 * A file that a strategy consists of is loaded once per strategy instance, because `layout()` and `option()` give each
 * instance its own constants.
 */
import { parse } from "@babel/parser";
import type {
  ExportDefaultDeclaration,
  Expression,
  FunctionDeclaration,
  Node,
  Statement,
  TSEnumDeclaration,
  VariableDeclarator,
} from "@babel/types";
import type { Diagnostics } from "./diagnostics.ts";
import { refusedStatement } from "./refusals.ts";

/** What a name at module level stands for. */
export type Declaration =
  | { readonly kind: "function"; readonly node: FunctionDeclaration; readonly exported: boolean }
  | {
      readonly kind: "constant";
      readonly node: VariableDeclarator;
      readonly initializer: Expression;
      readonly exported: boolean;
    }
  | { readonly kind: "enum"; readonly node: TSEnumDeclaration; readonly exported: boolean }
  | { readonly kind: "import"; readonly node: Node; readonly specifier: string; readonly imported: string };

/** `export { imported as exported } from specifier`; `imported` is `*` for `export * from`. */
interface ReExport {
  readonly node: Node;
  readonly specifier: string;
  readonly imported: string;
}

export interface Module {
  readonly path: string;
  /** The path as shown to people. */
  readonly file: string;
  /** Strategy instance that this copy belongs to, or null. */
  readonly instance: string | null;
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** Exported name -> local name, for `export { a as b }`. */
  readonly localExports: ReadonlyMap<string, string>;
  readonly reExports: ReadonlyMap<string, ReExport>;
  readonly starExports: readonly ReExport[];
  /** Type-only names, which may be exported and imported but never evaluated. */
  readonly types: ReadonlySet<string>;
  /** The expression behind `export default`, unwrapped from `satisfies` and `as const`. */
  readonly defaultExport: Expression | null;
}

/** `export default {...} satisfies X as const` -> the object literal. */
export function unwrapType(node: Node): Node {
  let inner = node;
  while (
    inner.type === "TSSatisfiesExpression" ||
    inner.type === "TSAsExpression" ||
    inner.type === "ParenthesizedExpression"
  ) {
    inner = inner.expression;
  }
  return inner;
}

function nameOf(node: { type: string; name?: string; value?: string }): string {
  return node.type === "StringLiteral" ? (node.value ?? "") : (node.name ?? "");
}

interface SyntaxFault {
  readonly message: string;
  readonly loc?: { readonly line: number; readonly column: number };
}

/** Parses a file and sorts its module-level statements; mistakes go to `diagnostics`. Null where it does not parse. */
export function parseModule(
  path: string,
  file: string,
  text: string,
  instance: string | null,
  diagnostics: Diagnostics,
): Module | null {
  let body: Statement[];
  try {
    const parsed = parse(text, {
      sourceType: "module",
      plugins: ["typescript"],
      errorRecovery: false,
      attachComment: false,
    });
    body = parsed.program.body;
  } catch (cause) {
    const fault = cause as SyntaxFault;
    const at = {
      loc: { start: { line: fault.loc?.line ?? 1, column: fault.loc?.column ?? 0 } },
    } as unknown as Node;
    const message = fault.message.replace(/\s*\(\d+:\d+\)$/, "");
    diagnostics.report(
      file,
      at,
      "syntax",
      `this is not valid TypeScript: ${message}`,
      "mend the syntax at the place named",
    );
    return null;
  }
  const declarations = new Map<string, Declaration>();
  const localExports = new Map<string, string>();
  const reExports = new Map<string, ReExport>();
  const starExports: ReExport[] = [];
  const types = new Set<string>();
  let defaultExport: Expression | null = null;

  const declare = (name: string, declaration: Declaration): void => {
    if (declarations.has(name)) {
      diagnostics.report(
        file,
        declaration.node,
        "duplicate-name",
        `\`${name}\` is declared twice in this file`,
        "rename one of the two",
      );
      return;
    }
    declarations.set(name, declaration);
  };

  const declareStatement = (node: Statement, exported: boolean): void => {
    switch (node.type) {
      case "FunctionDeclaration": {
        const name = node.id?.name;
        if (name === undefined) break;
        declare(name, { kind: "function", node, exported });
        if (exported) localExports.set(name, name);
        break;
      }
      case "VariableDeclaration":
        for (const declarator of node.declarations) {
          if (node.kind !== "const") {
            diagnostics.report(
              file,
              declarator,
              "module-variable",
              `\`${node.kind}\` at module level would be state outside shared memory`,
              "make it a `const`, or keep it in memory at an offset of your own area (`globalBytes`, `cpuBytes`)",
            );
          } else if (declarator.id.type !== "Identifier" || declarator.init == null) {
            diagnostics.report(
              file,
              declarator,
              "module-constant",
              "a constant needs one name and a value",
              "write `const name: i32 = value;`",
            );
          } else {
            declare(declarator.id.name, {
              kind: "constant",
              node: declarator,
              initializer: declarator.init,
              exported,
            });
            if (exported) localExports.set(declarator.id.name, declarator.id.name);
          }
        }
        break;
      case "TSEnumDeclaration":
        declare(node.id.name, { kind: "enum", node, exported });
        if (exported) localExports.set(node.id.name, node.id.name);
        break;
      case "TSTypeAliasDeclaration":
      case "TSInterfaceDeclaration":
        types.add(node.id.name);
        break;
      case "TSDeclareFunction":
        break;
      default:
        diagnostics.report(
          file,
          node,
          "module-statement",
          `${refusedStatement(node)} cannot stand at module level`,
          "keep functions, enums, constants and imports here; what must happen at start belongs into `boot` or `init`",
        );
    }
  };

  for (const node of body) {
    switch (node.type) {
      case "ImportDeclaration":
        for (const specifier of node.specifiers) {
          const typeOnly =
            node.importKind === "type" ||
            (specifier.type === "ImportSpecifier" && specifier.importKind === "type");
          if (typeOnly) types.add(specifier.local.name);
          else if (specifier.type === "ImportSpecifier") {
            declare(specifier.local.name, {
              kind: "import",
              node: specifier,
              specifier: node.source.value,
              imported: nameOf(specifier.imported),
            });
          } else {
            diagnostics.report(
              file,
              specifier,
              "import-form",
              "portable code imports names one by one",
              'write `import { load, store } from "refplay/machine";`',
            );
          }
        }
        break;
      case "ExportNamedDeclaration":
        if (node.declaration != null) declareStatement(node.declaration, true);
        for (const specifier of node.specifiers) {
          if (specifier.type !== "ExportSpecifier") continue;
          const exported = nameOf(specifier.exported);
          if (node.exportKind === "type" || specifier.exportKind === "type") types.add(exported);
          else if (node.source == null) localExports.set(exported, specifier.local.name);
          else
            reExports.set(exported, {
              node: specifier,
              specifier: node.source.value,
              imported: specifier.local.name,
            });
        }
        break;
      case "ExportAllDeclaration":
        if (node.exportKind !== "type")
          starExports.push({ node, specifier: node.source.value, imported: "*" });
        break;
      case "ExportDefaultDeclaration":
        defaultExport = defaultExpression(node, file, diagnostics);
        break;
      default:
        declareStatement(node, false);
    }
  }
  return { path, file, instance, declarations, localExports, reExports, starExports, types, defaultExport };
}

function defaultExpression(
  node: ExportDefaultDeclaration,
  file: string,
  diagnostics: Diagnostics,
): Expression | null {
  const inner = unwrapType(node.declaration);
  if (inner.type === "ObjectExpression") return inner;
  diagnostics.report(
    file,
    node,
    "default-export",
    "the default export must be an object literal of plain data",
    "write `export default { title: ..., summary: ..., ... } satisfies StrategyMeta;`",
  );
  return null;
}
