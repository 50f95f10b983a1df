/**
 * Reads the object literal behind `export default` as plain data, without running the file: strings, numbers, booleans,
 * arrays and objects of them.
 */
import type { Expression, Node } from "@babel/types";
import type { Diagnostics } from "./diagnostics.ts";
import { unwrapType } from "./module.ts";

export type PlainData =
  | string
  | number
  | boolean
  | null
  | readonly PlainData[]
  | { readonly [key: string]: PlainData };

/** The value of a literal; a part that is not plain data is reported and read as null. */
export function plainData(node: Expression, file: string, diagnostics: Diagnostics): PlainData {
  const refuse = (at: Node, what: string): null => {
    diagnostics.report(
      file,
      at,
      "not-plain-data",
      `${what} in the default export`,
      "use literals only: strings, numbers, true, false, arrays and objects of them",
    );
    return null;
  };
  const read = (wrapped: Node): PlainData => {
    const inner = unwrapType(wrapped);
    switch (inner.type) {
      case "StringLiteral":
      case "NumericLiteral":
      case "BooleanLiteral":
        return inner.value;
      case "NullLiteral":
        return null;
      case "TemplateLiteral":
        return inner.expressions.length === 0
          ? (inner.quasis[0]?.value.cooked ?? "")
          : refuse(inner, "a computed string");
      case "UnaryExpression":
        if (inner.operator === "-" && inner.argument.type === "NumericLiteral") return -inner.argument.value;
        return refuse(inner, "a computed value");
      case "BinaryExpression": {
        // A long sentence may be written as a sum of strings.
        const [left, right] = [read(inner.left), read(inner.right)];
        if (inner.operator === "+" && typeof left === "string" && typeof right === "string")
          return left + right;
        return refuse(inner, "a computed value");
      }
      case "ArrayExpression":
        return inner.elements.map((element) => (element === null ? null : read(element)));
      case "ObjectExpression": {
        const entries: [string, PlainData][] = [];
        for (const property of inner.properties) {
          if (property.type !== "ObjectProperty" || property.computed)
            refuse(property, "a method or computed key");
          else if (property.key.type === "Identifier")
            entries.push([property.key.name, read(property.value)]);
          else if (property.key.type === "StringLiteral")
            entries.push([property.key.value, read(property.value)]);
          else refuse(property, "a key that is not a name");
        }
        return Object.fromEntries(entries);
      }
      default:
        return refuse(inner, "a computed value");
    }
  };
  return read(node);
}
