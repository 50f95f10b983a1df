/**
 * Mistakes in a label's text: the kernel's errno name as code, the column, the text with a caret below it, and what would
 * be right. The kernel itself only returns the number.
 */
import { RefplayError } from "../errors.ts";

/** errno names that reading labels and changing policy can end with (include/uapi/asm-generic/errno-base.h, errno.h). */
export type PolicyErrno =
  | "E2BIG"
  | "EACCES"
  | "EBUSY"
  | "EEXIST"
  | "EINVAL"
  | "ENAMETOOLONG"
  | "ENOENT"
  | "EPERM"
  | "EPROTO";

/** Characters of the text that a caret line shows; long labels are cut to what is near the mistake. */
const shownWidth = 72;

/** A label's text that cannot be read, or that names nothing. */
export class LabelError extends RefplayError {
  readonly errno: PolicyErrno;
  /** The whole text that was read. */
  readonly text: string;
  /** Where the mistake begins, from 1, in UTF-16 units; one past the end where something is missing. */
  readonly column: number;

  constructor(errno: PolicyErrno, text: string, column: number, what: string, right: string) {
    super(errno.toLowerCase(), `${what} (column ${column})\n${caretLines(text, column)}`, { hint: right });
    this.name = "LabelError";
    this.errno = errno;
    this.text = text;
    this.column = column;
  }
}

/** The text and a line with `^` below the column, both indented by two. */
export function caretLines(text: string, column: number): string {
  const at = column - 1;
  let from = 0;
  let to = text.length;
  if (text.length > shownWidth) {
    from = Math.max(0, Math.min(at - shownWidth / 2, text.length - shownWidth));
    to = Math.min(text.length, from + shownWidth);
  }
  const before = from > 0 ? "..." : "";
  const after = to < text.length ? "..." : "";
  // A tab or a line break would move the caret away from its character.
  const shown = text.slice(from, to).replace(/\p{Cc}/gu, "\u00b7");
  return `  ${before}${shown}${after}\n  ${" ".repeat(before.length + at - from)}^`;
}
