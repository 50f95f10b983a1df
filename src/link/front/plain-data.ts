/**
 * Reads the object literal behind `export default` as plain data, without running the file: strings, numbers, booleans,
 * arrays and objects of them. An object may take in another one, `...name`, so that what several files declare is written once.
 */
import type { Expression, Node, SpreadElement } from "@babel/types";
import type { Diagnostics } from "./diagnostics.ts";
import { unwrapType } from "./module.ts";

export type PlainData =
  | string
  | number
  | boolean
  | null
  | readonly PlainData[]
  | { readonly [key: string]: PlainData };

/** A module-level constant and the file it is written in, as shown to people. */
export interface PlainConstant {
  readonly node: Expression;
  readonly file: string;
}

/**
 * The value of a literal; a part that is not plain data is reported and read as null. `constants`: what a name stands for that
 * is spread, null where it is no constant. What is spread may spread nothing itself, so it has an end.
 */
export function plainData(
  node: Expression,
  file: string,
  diagnostics: Diagnostics,
  constants: (name: string) => PlainConstant | null = () => null,
): PlainData {
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
  const spread = (at: SpreadElement): readonly [string, PlainData][] => {
    const constant = at.argument.type === "Identifier" ? constants(at.argument.name) : null;
    const data = constant === null ? null : plainData(constant.node, constant.file, diagnostics);
    if (typeof data === "object" && data !== null && !Array.isArray(data)) return Object.entries(data);
    refuse(at, "a spread of what is no constant object");
    return [];
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
          if (property.type === "SpreadElement") entries.push(...spread(property));
          else if (property.type !== "ObjectProperty" || property.computed)
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
