/**
 * Where the linker gets source text from: a folder in Node (`node-host.ts`), a map of files in tests and in a page.
 * Paths are opaque keys to the linker.
 */
export interface SourceHost {
  /** The text of a file, or undefined where there is none. */
  read(path: string): string | undefined;
  /** The path that an import names, or undefined where it leads nowhere. `importer` is the path of the importing file. */
  resolve(specifier: string, importer: string): string | undefined;
  /** How to show a path to people: relative to the working directory where it lies below it. */
  display(path: string): string;
}

/** A host over a map from path to text; relative imports resolve within it, other specifiers through `base`. */
export function memoryHost(files: Readonly<Record<string, string>>, base?: SourceHost): SourceHost {
  const owns = (path: string): boolean => Object.hasOwn(files, path);
  return {
    read: (path) => (owns(path) ? files[path] : base?.read(path)),
    resolve(specifier, importer) {
      if (specifier.startsWith(".") && owns(importer)) {
        const path = joinPath(importer.slice(0, importer.lastIndexOf("/") + 1), specifier);
        return owns(path) ? path : undefined;
      }
      return base?.resolve(specifier, importer);
    },
    display: (path) => (owns(path) ? path : (base?.display(path) ?? path)),
  };
}

function joinPath(folder: string, relative: string): string {
  const parts: string[] = [];
  for (const part of `${folder}${relative}`.split("/")) {
    if (part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
