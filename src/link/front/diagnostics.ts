/**
 * Collects what is wrong with portable sources, so that a strategy with three mistakes is told all three at once.
 */
import type { Node } from "@babel/types";
import { RefplayError, RefplayErrors } from "../../errors.ts";

/** More than this many messages help nobody; the rest is dropped. */
const maxErrors = 20;

export class Diagnostics {
  private readonly errors: RefplayError[] = [];
  private readonly seen = new Set<string>();

  /**
   * Notes one mistake at a node of a file.
   * @param file path as shown to people
   * @param hint what to write instead, as a sentence
   */
  report(file: string, node: Node | null, code: string, message: string, hint: string): void {
    const start = node?.loc?.start;
    const where = start === undefined ? {} : { line: start.line, column: start.column + 1 };
    this.add(new RefplayError(code, message, { hint, location: { file, ...where } }));
  }

  /** Notes a mistake; the same place and text (a module linked twice) counts once. */
  add(error: RefplayError): void {
    const key = error.format();
    if (this.seen.has(key) || this.errors.length >= maxErrors) return;
    this.seen.add(key);
    this.errors.push(error);
  }

  get failed(): boolean {
    return this.errors.length > 0;
  }

  /** Throws everything that was noted, in order of file and line; returns where there is nothing. */
  throwIfAny(): void {
    if (this.errors.length === 0) return;
    const order = (error: RefplayError): number =>
      (error.location?.line ?? 0) * 1000 + (error.location?.column ?? 0);
    const sorted = [...this.errors].sort((a, b) => {
      const files = (a.location?.file ?? "").localeCompare(b.location?.file ?? "", "en");
      return files !== 0 ? files : order(a) - order(b);
    });
    throw new RefplayErrors(sorted);
  }
}
