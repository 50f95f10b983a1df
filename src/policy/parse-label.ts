/**
 * From a label's text to its canonical parts, as the kernel reads it: `A`, `:ns:A`, `:ns://A`, `:a//b:A//child`,
 * `A//&:ns:B`, `&B` on top of a base. See splitting.ts for where the rules come from.
 *
 *     parseLabel(":web:nginx//&worker"); // nginx and worker, both in namespace web
 *     parseLabel("&/usr/bin/man", { base }); // base's profiles and man
 */
import { didYouMean } from "../names.ts";
import { LabelError } from "./label-error.ts";
import {
  canonicalParts,
  compareNamespaces,
  type LabelPart,
  type LabelParts,
  levelSeparator,
  namespaceOf,
  partsKey,
  rootUnconfined,
  unconfinedName,
} from "./label-parts.ts";
import { nameMaxBytes, namespaceTooLong, profileTooLong, stringMaxBytes } from "./name-limits.ts";
import { splitLabel, type TextPart } from "./splitting.ts";

/** A policy as far as a text needs it, to tell names that exist from others. */
export interface PolicyNames {
  /** Names of the namespaces directly below, or undefined where there is no such namespace. */
  namespacesIn(namespace: readonly string[]): readonly string[] | undefined;
  /** Names of the profiles that a look-up finds, without `unconfined`. */
  profilesIn(namespace: readonly string[]): readonly string[];
  /** The name of the profile that a look-up of `name` ends with, or undefined. */
  resolve(namespace: readonly string[], name: string): string | undefined;
}

export interface ParseOptions {
  /** What names are relative to and what `&` stacks on: canonical; the root's unconfined unless given. */
  readonly base?: LabelParts;
  /** Stacks on the base without a leading `&`, too (force_stack). */
  readonly stack?: boolean;
  /** Refuses what is not there; without a policy every name that could be is accepted. */
  readonly names?: PolicyNames;
  /**
   * Most parts of the result, from 1. The kernel has no limit: more than 8 (LOCAL_VEC_ENTRIES of include/label.h) only
   * move its vector from the stack to the heap.
   */
  readonly maxParts?: number;
}

/**
 * Reads a text. Throws LabelError: `einval` for an empty text, a NUL or too many parts; `enoent` for a name with an empty
 * level and, given a policy, one that is not in it; `enametoolong` for a name that no kernel can hold (its own look-up
 * says ENOENT to that; its loader says ENAMETOOLONG).
 */
export function parseLabel(text: string, options: ParseOptions = {}): LabelParts {
  const { base = rootUnconfined, names, maxParts = Number.POSITIVE_INFINITY } = options;
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    throw new LabelError("EINVAL", text, nul + 1, "a label has a NUL", "The kernel would stop reading here.");
  }
  const pieces = splitLabel(text);
  if (pieces === null) {
    throw new LabelError(
      "EINVAL",
      text,
      1,
      "a label is empty",
      "Name a profile, or `unconfined`; `:ns:` is the unconfined profile of a namespace.",
    );
  }
  const home = namespaceOf(base);
  const parts: LabelPart[] = pieces.stacked || options.stack === true ? [...base] : [];
  const known = new Set(parts.map((part) => partsKey([part])));
  // Names without a namespace follow the last one that was named, so that both of `:ns:A//&B` are in ns.
  let current = home;
  for (const piece of pieces.parts) {
    const part = readPart(text, piece, piece.absolute ? home : current, names);
    if (compareNamespaces(part.namespace, current) !== 0) current = part.namespace;
    parts.push(part);
    known.add(partsKey([part]));
    if (known.size > maxParts) {
      throw new LabelError(
        "EINVAL",
        text,
        piece.absolute ? piece.namespaceColumn : piece.profileColumn,
        `a label has more than ${maxParts} ${maxParts === 1 ? "profile" : "profiles"}`,
        "That is the configured maximum; the kernel sets none.",
      );
    }
  }
  return canonicalParts(parts);
}

/** One part with its namespace from the root. */
function readPart(
  text: string,
  piece: TextPart,
  from: readonly string[],
  names: PolicyNames | undefined,
): LabelPart {
  const namespace = piece.namespace === null ? from : readNamespace(text, piece, from, names);
  const name = piece.profile;
  if (name === null) return { namespace, profile: unconfinedName };
  const column = piece.profileColumn;
  refuseEmptyLevel(text, name, column, "profile");
  const tooLong = profileTooLong(name);
  if (tooLong !== undefined) {
    throw new LabelError(
      "ENAMETOOLONG",
      text,
      column,
      tooLong,
      `At most ${stringMaxBytes} bytes in all, and ${nameMaxBytes} for the directory that its last level gets.`,
    );
  }
  if (names === undefined) return { namespace, profile: name };
  const profile = names.resolve(namespace, name);
  if (profile === undefined) {
    throw new LabelError(
      "ENOENT",
      text,
      column,
      `no profile \`${name}\` in ${namespaceText(namespace)}`,
      `Load it first${didYouMean(name, [...names.profilesIn(namespace), unconfinedName])}`,
    );
  }
  return { namespace, profile };
}

function readNamespace(
  text: string,
  piece: TextPart,
  from: readonly string[],
  names: PolicyNames | undefined,
): readonly string[] {
  const name = piece.namespace ?? "";
  refuseEmptyLevel(text, name, piece.namespaceColumn, "namespace");
  const namespace = [...from];
  let column = piece.namespaceColumn;
  for (const level of name.split(levelSeparator)) {
    const tooLong = namespaceTooLong(level);
    if (tooLong !== undefined) {
      throw new LabelError("ENAMETOOLONG", text, column, tooLong, `At most ${nameMaxBytes} bytes per level.`);
    }
    const siblings = names?.namespacesIn(namespace);
    if (names !== undefined && !(siblings ?? []).includes(level)) {
      throw new LabelError(
        "ENOENT",
        text,
        column,
        `no namespace \`${level}\` in ${namespaceText(namespace)}`,
        `Create it first; names start from the base's namespace${didYouMean(level, siblings ?? [])}`,
      );
    }
    namespace.push(level);
    column += level.length + levelSeparator.length;
  }
  return namespace;
}

/** `a////b` and `a//`: a look-up goes level by level, and none has an empty name. */
function refuseEmptyLevel(text: string, name: string, column: number, kind: "profile" | "namespace"): void {
  let at = column;
  for (const level of name.split(levelSeparator)) {
    if (level === "") {
      throw new LabelError(
        "ENOENT",
        text,
        at,
        `a ${kind}'s name has an empty level`,
        `\`${levelSeparator}\` stands between two names: \`parent//child\`.`,
      );
    }
    at += level.length + levelSeparator.length;
  }
}

function namespaceText(namespace: readonly string[]): string {
  return namespace.length === 0 ? "the root namespace" : `namespace \`${namespace.join(levelSeparator)}\``;
}
