/** Turns what zod found wrong into errors that say where it is, what it is, and what would be right. */
import type { z } from "zod";
import { RefplayError, type SourceLocation } from "../errors.ts";
import { didYouMean, kebab } from "../names.ts";
import { expectation, type JsonSchema, schemaAt, shownPath, shownValue } from "./describe.ts";
import type { ValuePath } from "./positions.ts";

type Issue = z.core.$ZodIssue;

export interface IssueContext {
  /** The data that was checked. */
  readonly data: unknown;
  readonly schema: JsonSchema;
  /** Path of the data in the whole file. */
  readonly prefix: ValuePath;
  /** What the whole is called: `the config`. */
  readonly whole: string;
  /**
   * Values, by their field's name, that are planned: named so that they are refused as "not yet" and not as typing mistakes.
   * None unless given.
   */
  readonly valuesNotYet?: Readonly<Record<string, readonly string[]>>;
  locate(path: ValuePath): SourceLocation;
  locateKey(path: ValuePath, key: string): SourceLocation;
}

/** One error per mistake, in the order in which zod found them. */
export function issuesToErrors(issues: readonly Issue[], context: IssueContext): RefplayError[] {
  const errors = issues.flatMap((issue) => toErrors(issue, [], context));
  // A number too large to be whole, and above the most: two issues of zod's, one mistake.
  return [...new Map(errors.map((error) => [error.format(), error])).values()];
}

function toErrors(issue: Issue, parent: ValuePath, context: IssueContext): RefplayError[] {
  const path = [...parent, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, context));
  if (issue.code === "invalid_union") {
    // The branch that got furthest into the value is the one that was meant.
    const branch = issue.errors.find((errors) => errors.some((inner) => inner.path.length > 0));
    if (branch !== undefined) return branch.flatMap((inner) => toErrors(inner, path, context));
  }
  return [wrongValue(issue, path, context)];
}

function unknownKey(path: ValuePath, key: string, context: IssueContext): RefplayError {
  const full = [...context.prefix, ...path];
  const location = context.locateKey(full, key);
  const known = Object.keys(schemaAt(context.schema, path)?.properties ?? {});
  const where = full.length === 0 ? "" : ` in ${shownPath(full, context.whole)}`;
  const hint = known.length === 0 ? "It takes no keys." : `Known keys: ${known.join(", ")}.`;
  return new RefplayError("unknown-key", `unknown key \`${key}\`${where}${didYouMean(key, known)}`, {
    location,
    hint,
  });
}

function wrongValue(issue: Issue, path: ValuePath, context: IssueContext): RefplayError {
  const full = [...context.prefix, ...path];
  const value = valueAt(context.data, path);
  const schema = schemaAt(context.schema, path);
  const location = context.locate(full);
  const name = shownPath(full, context.whole);
  const hint = schema?.description === undefined ? undefined : `${name}: ${schema.description}.`;
  const options = hint === undefined ? { location } : { location, hint };

  if (issue.code === "custom") return new RefplayError("bad-value", `${name}: ${issue.message}`, options);
  // A field may take one name or a list of them.
  const branches = [schema, ...(schema?.anyOf ?? [])];
  const choices = branches.find((branch) => branch?.enum !== undefined)?.enum?.map(String);
  if (choices !== undefined && typeof value === "string") {
    const field = String(full.findLast((key) => typeof key === "string"));
    if (context.valuesNotYet?.[field]?.includes(value)) {
      const message = `${field} \`${value}\` is not available yet in this version; there is: ${choices.join(", ")}`;
      return new RefplayError("not-available", message, options);
    }
    const message = `unknown ${field} \`${value}\`${didYouMean(value, choices)}`;
    return new RefplayError(`unknown-${kebab(field)}`, message, {
      location,
      hint: `${name} takes ${expectation(schema as JsonSchema)}.`,
    });
  }
  if (issue.code === "too_small" && issue.origin === "array") {
    return new RefplayError("bad-value", `${name} is empty; it takes at least ${issue.minimum}`, options);
  }
  const state = value === undefined ? "is missing" : `is ${shownValue(value)}`;
  const takes = schema === undefined ? issue.message : `it takes ${expectation(schema)}`;
  return new RefplayError("bad-value", `${name} ${state}; ${takes}`, options);
}

function valueAt(data: unknown, path: ValuePath): unknown {
  let value = data;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}
