/**
 * Reads a file of the user's (YAML, or JSON as the part of YAML that it is) and remembers where in the file each value
 * stands, so that a wrong value is reported at its line and column and not only by its path.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { RefplayError, RefplayErrors, type SourceLocation } from "../errors.ts";

export type ValuePath = readonly PropertyKey[];

export interface InputText {
  /** Plain data; an empty file is `{}`. */
  readonly data: unknown;
  /** Where a value stands; of the nearest enclosing value where it does not. */
  locate(path: ValuePath): SourceLocation;
  /** Where a key of the mapping at `path` stands. */
  locateKey(path: ValuePath, key: string): SourceLocation;
}

/** Parses a file; its name is only shown. Throws RefplayError(s) with this code, line and column. */
export function parseInputText(text: string, file: string, syntaxCode: string): InputText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): SourceLocation => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (document.errors.length > 0) {
    throw new RefplayErrors(
      document.errors.map(
        (error) => new RefplayError(syntaxCode, error.message, { location: place(error.pos[0]) }),
      ),
    );
  }

  let data: unknown;
  try {
    data = document.toJS() ?? {};
  } catch (error) {
    // Aliases that refer to nothing, or that expand without end.
    throw new RefplayError(syntaxCode, (error as Error).message, { location: { file }, cause: error });
  }

  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const pairOf = (node: unknown, key: PropertyKey) =>
    isMap(node) ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) : undefined;
  const childOf = (node: unknown, key: PropertyKey): unknown =>
    isSeq(node) && typeof key === "number" ? node.items[key] : pairOf(node, key)?.value;
  const startOf = (node: unknown): SourceLocation | undefined => {
    const range = (node as Node | null | undefined)?.range;
    return range ? place(range[0]) : undefined;
  };
  const walk = (path: ValuePath): { node: unknown; location: SourceLocation } => {
    let node: unknown = document.contents;
    let location = startOf(node) ?? { file };
    for (const key of path) {
      const child = childOf(resolve(node), key);
      if (child === undefined) break;
      node = child;
      location = startOf(node) ?? location;
    }
    return { node, location };
  };

  return {
    data,
    locate: (path) => walk(path).location,
    locateKey(path, key) {
      const { node, location } = walk(path);
      return startOf(pairOf(resolve(node), key)?.key) ?? location;
    },
  };
}

/** The same for data that was not read from a file: every place is `file` alone. */
export function inputData(data: unknown, file: string): InputText {
  return { data, locate: () => ({ file }), locateKey: () => ({ file }) };
}
