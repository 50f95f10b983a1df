/**
 * The one error class of the project: a mistake that the user can mend.
 *
 * The command line prints `message`, where it happened and `hint`, and exits with 2; anything else that is thrown is a
 * defect of refplay and keeps its stack trace.
 */

/** A place in a file that the user wrote; lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** `file:line:column`, as far as it is known. */
export function formatLocation(location: SourceLocation): string {
  let text = location.file;
  if (location.line !== undefined) text += `:${location.line}`;
  if (location.line !== undefined && location.column !== undefined) text += `:${location.column}`;
  return text;
}

export interface RefplayErrorOptions {
  /** What would be right, as a sentence. */
  readonly hint?: string;
  readonly location?: SourceLocation;
  readonly cause?: unknown;
}

/** A mistake in input (config, strategy, trace, arguments), or a run that could not go on for a reason outside refplay. */
export class RefplayError extends Error {
  /** Short stable identifier in kebab case, for example `unknown-strategy`. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;

  constructor(code: string, message: string, options: RefplayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RefplayError";
    this.code = code;
    this.hint = options.hint;
    this.location = options.location;
  }

  /**
   * Location, message and hint as printed on a terminal.
   * @param columns the hint's lines have no more, but for a longer path or command; unlimited unless given
   */
  format(columns = Number.POSITIVE_INFINITY): string {
    const where = this.location === undefined ? "" : `${formatLocation(this.location)}: `;
    return `${where}${this.message}${this.hint === undefined ? "" : `\n${hintLines(this.hint, columns)}`}`;
  }
}

/** Columns of a terminal, where errors are printed on one. */
export const errorColumns = 80;

/** Lines that fit stay as they were written, for a caret may stand in them. */
function hintLines(hint: string, columns: number): string {
  const [first = "", ...further] = hint.split("\n");
  return [`  ${first}`, ...further].map((line) => wrappedLine(line, columns)).join("\n");
}

/** Breaks at spaces, but not within what is quoted by backticks: it is a path, or to be copied. */
function wrappedLine(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const longer = line === "" ? `  ${word}` : `${line} ${word}`;
    if (line !== "" && longer.length > columns) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join("\n");
}

/** Several mistakes found in one go (a strategy file with three type errors); printed one after the other. */
export class RefplayErrors extends RefplayError {
  readonly errors: readonly RefplayError[];

  constructor(errors: readonly RefplayError[]) {
    const first = errors[0];
    if (first === undefined) throw new Error("RefplayErrors needs at least one error");
    super(first.code, errors.map((error) => error.message).join("; "));
    this.errors = errors;
  }

  override format(columns?: number): string {
    return this.errors.map((error) => error.format(columns)).join("\n");
  }
}
