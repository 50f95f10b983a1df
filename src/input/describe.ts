/**
 * Says in words what a field takes, from its JSON Schema: used in the hint of an error, in `--print-config` and in lists
 * of parameters, so that ranges and defaults are written down once.
 */
import { z } from "zod";

/** The part of JSON Schema that our zod schemas produce. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly [key: string]: unknown;
}

/** JSON Schema of what a user may write (defaults make fields optional). */
export function toInputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
}

/** The schema of the value at `path`, as far down as it is known. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema;
  for (const key of path) {
    if (at === undefined) return undefined;
    at = step(at, key) ?? at.anyOf?.map((branch) => step(branch, key)).find((found) => found !== undefined);
  }
  return at;
}

function step(schema: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  if (typeof key === "number") return schema.items;
  const property = schema.properties?.[String(key)];
  if (property !== undefined) return property;
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

/** What a value must be, as a phrase after "takes": `a whole number, 1 to 1024`. */
export function expectation(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) {
    return schema.enum.length === 1 ? `only ${schema.enum[0]}` : `one of ${schema.enum.join(", ")}`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(expectation).join(" or ");
  if (Array.isArray(schema.type)) return schema.type.map(typeName).join(" or ");
  switch (schema.type) {
    case "integer":
    case "number":
      return `${typeName(schema.type)}${range(schema)}`;
    case "array":
      return schema.items === undefined ? "a list" : `a list, each ${expectation(schema.items)}`;
    default:
      return typeName(String(schema.type));
  }
}

function typeName(type: string): string {
  const names: Record<string, string> = {
    integer: "a whole number",
    number: "a number",
    string: "a text",
    boolean: "true or false",
    array: "a list",
    object: "a mapping of keys to values",
    null: "nothing",
  };
  return names[type] ?? "a value";
}

function range(schema: JsonSchema): string {
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const above = schema.minimum === undefined ? "above " : "";
  const below = schema.maximum === undefined ? "below " : "";
  const lowKnown = low !== undefined && low > Number.MIN_SAFE_INTEGER;
  const highKnown = high !== undefined && high < Number.MAX_SAFE_INTEGER;
  if (lowKnown && highKnown) return `, ${above}${low} to ${below}${high}`;
  if (lowKnown) return above ? `, above ${low}` : `, at least ${low}`;
  if (highKnown) return below ? `, below ${high}` : `, at most ${high}`;
  return "";
}

/** A value as it may stand in a message: short, on one line. */
export function shownValue(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `cpus[1]`, `workload.requests`; what the whole is called where the path is empty. */
export function shownPath(path: readonly PropertyKey[], whole: string): string {
  if (path.length === 0) return whole;
  const text = path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  return `\`${text}\``;
}
