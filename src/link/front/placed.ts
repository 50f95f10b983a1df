/**
 * Names for a strategy's own bytes, for symbols in reports: its module-level constants that are `layout("label")` or the
 * like, or that plus a number. They need not be exported.
 */
import type { Node } from "@babel/types";
import type { IrStruct } from "../ir.ts";
import { isArea } from "./layout.ts";
import type { Linkage } from "./linkage.ts";
import { type Module, unwrapType } from "./module.ts";

/** The area whose `layout` an initialiser begins with, or undefined. `seen`: constants on the way, which may be a circle. */
function areaOf(module: Module, node: Node, seen: readonly string[] = []): string | undefined {
  const inner = unwrapType(node);
  if (inner.type === "BinaryExpression" && inner.operator === "+") {
    return areaOf(module, inner.left, seen) ?? areaOf(module, inner.right, seen);
  }
  if (inner.type === "Identifier") {
    const declaration = module.declarations.get(inner.name);
    if (declaration?.kind !== "constant" || seen.includes(inner.name)) return undefined;
    return areaOf(module, declaration.initializer, [...seen, inner.name]);
  }
  if (inner.type !== "CallExpression" || inner.callee.type !== "Identifier") return undefined;
  const callee = module.declarations.get(inner.callee.name);
  const [area] = inner.arguments;
  const isLayout = callee?.kind === "import" && callee.imported === "layout";
  return isLayout && area?.type === "StringLiteral" && isArea(area.value) ? area.value : undefined;
}

/** A struct `layout(label)` and so on for each area that a file of a strategy instance has names in. */
export function placedNames(linkage: Linkage, module: Module): IrStruct[] {
  const areas = new Map<string, { file: number; fields: { name: string; offset: number }[] }>();
  for (const [name, declaration] of module.declarations) {
    if (declaration.kind !== "constant") continue;
    const { node, initializer } = declaration;
    const area = areaOf(module, initializer);
    if (area === undefined) continue;
    const annotation = node.id.type === "Identifier" ? (node.id.typeAnnotation ?? null) : null;
    const value = linkage.constantValue(module, name, node, initializer, annotation);
    if (value === null || value.expr.kind !== "const") continue;
    const known = areas.get(area) ?? { file: linkage.position(module, node).file, fields: [] };
    known.fields.push({ name, offset: value.expr.value });
    areas.set(area, known);
  }
  const { instance } = module;
  return [...areas].map(([area, struct]) => ({ name: `layout(${area})`, instance, ...struct }));
}
