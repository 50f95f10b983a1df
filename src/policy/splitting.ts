/**
 * Where a label's text comes apart, by the kernel's rules and nothing else: no names are looked up here.
 *
 * Written anew from the behaviour of aa_label_strn_parse and its helpers in security/apparmor/label.c, aa_splitn_fqname
 * and skipn_spaces in lib.c, and the pattern that stacksplitdfa.in was compiled from (v6.6).
 */
import { stackSeparator } from "./label-parts.ts";

/** A part of the text; columns from 1. */
export interface TextPart {
  /** As written between the colons, or null where the part names no namespace. */
  readonly namespace: string | null;
  readonly namespaceColumn: number;
  /** As written, or null where the part stops after its namespace: the namespace's unconfined profile. */
  readonly profile: string | null;
  readonly profileColumn: number;
  /** Whether the part begins with a colon, and so starts again from the base's namespace. */
  readonly absolute: boolean;
}

/** A label's text in pieces. */
export interface TextPieces {
  /** Begins with `&`: the parts are added to those of the base. */
  readonly stacked: boolean;
  readonly parts: readonly TextPart[];
}

/** isspace() of the kernel for ASCII. Its table also has 0xA0, which is no beginning of a UTF-8 character. */
const isBlank = (character: string | undefined): boolean =>
  character !== undefined && " \t\n\v\f\r".includes(character);

/** Index of the first character from `from` that is not blank, or `end`. */
export function skipBlanks(text: string, from: number, end: number = text.length): number {
  let at = from;
  while (at < end && isBlank(text[at])) at++;
  return at;
}

/**
 * Index of the first `//&` from `from` that separates two parts, or -1. One with a slash before it, or with nothing before
 * it, is part of a name: `/A///&B` is one part, because the pattern wants a character other than `/` first.
 */
function nextSeparator(text: string, from: number): number {
  for (let at = text.indexOf(stackSeparator, from); at >= 0; at = text.indexOf(stackSeparator, at + 1)) {
    if (at > from && text[at - 1] !== "/") return at;
  }
  return -1;
}

/** Takes a text apart, or null where it is empty or blank. Every other text has pieces, if strange ones. */
export function splitLabel(text: string): TextPieces | null {
  let at = skipBlanks(text, 0);
  if (at === text.length) return null;
  const stacked = text[at] === "&";
  if (stacked) at++;
  const parts: TextPart[] = [];
  for (;;) {
    const separator = nextSeparator(text, at);
    parts.push(splitPart(text, at, separator < 0 ? text.length : separator));
    if (separator < 0) return { stacked, parts };
    at = separator + stackSeparator.length;
  }
}

/** A whole text as one part, as the loader reads the name of a profile (unpack_profile in policy_unpack.c). */
export const splitFullName = (text: string): TextPart => splitPart(text, 0, text.length);

/**
 * One part, between two indexes. `:ns:name`, `:ns://name` and `:ns:` name a namespace; `:ns` does so to its end; in
 * `::name` the namespace is empty and counts as none.
 */
function splitPart(text: string, from: number, end: number): TextPart {
  const start = skipBlanks(text, from, end);
  const column = start + 1;
  if (text[start] !== ":" || start === end) {
    const profile = start < end ? text.slice(start, end) : null;
    return { namespace: null, namespaceColumn: column, profile, profileColumn: column, absolute: false };
  }
  const nameStart = skipBlanks(text, start + 1, end);
  const colon = text.indexOf(":", start + 1);
  const namespaceEnd = colon < 0 || colon >= end ? end : colon;
  const namespace = nameStart < namespaceEnd ? text.slice(nameStart, namespaceEnd) : null;
  let rest = namespaceEnd === end ? end : namespaceEnd + 1;
  // The other spelling, `ns://name`, has slashes after the colon; a third slash belongs to the name.
  if (end - rest > 1 && text.startsWith("//", rest)) rest += 2;
  const profileStart = skipBlanks(text, rest, end);
  return {
    namespace,
    namespaceColumn: nameStart + 1,
    profile: profileStart < end ? text.slice(profileStart, end) : null,
    profileColumn: profileStart + 1,
    absolute: true,
  };
}
