/**
 * Numbers of enums where they are used, as a bundler has them. Vitest reads every import through a getter, each time it is
 * used: in the inner loops of the engines, whose operations are an enum, that was a third of a search.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin } from "vitest/config";

const enumText = /^export enum (\w+) \{\n([\s\S]*?)^\}/gm;
const memberText = /^ {2}(\w+) = (-?\d+),/gm;
const importText = /^import \{([^}]*)\} from "(\.[^"]*\.ts)";/gm;
const exportText = /^export \{[^}]*\} from "(\.[^"]*\.ts)";/gm;

/** By enum: its members that are written as numbers. */
type Enums = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The enums that a module exports, its own and those of the modules that it passes on. */
function enumsOf(path: string, known: Map<string, Enums>): Enums {
  const before = known.get(path);
  if (before !== undefined) return before;
  const enums = new Map<string, ReadonlyMap<string, string>>();
  known.set(path, enums);
  const text = readFileSync(path, "utf8");
  for (const [, from = ""] of text.matchAll(exportText))
    for (const [name, members] of enumsOf(resolve(dirname(path), from), known)) enums.set(name, members);
  for (const [, name = "", body = ""] of text.matchAll(enumText))
    enums.set(
      name,
      new Map(Array.from(body.matchAll(memberText), ([, key = "", value = ""]) => [key, value])),
    );
  return enums;
}

/** The module's text with numbers in place of members of imported enums; lines and columns stay where they are. */
export function withNumbers(text: string, path: string, known: Map<string, Enums> = new Map()): string {
  let changed = text;
  for (const [, names = "", from = ""] of text.matchAll(importText)) {
    for (const [name, members] of enumsOf(resolve(dirname(path), from), known)) {
      if (!new RegExp(`(^|[\\s,])${name}($|[\\s,])`).test(names)) continue;
      changed = changed.replace(new RegExp(`(?<![\\w.])${name}\\.(\\w+)\\b`, "g"), (whole, key: string) =>
        (members.get(key) ?? whole).padEnd(whole.length),
      );
    }
  }
  return changed;
}

/** Does so with the modules below a folder. */
export function inlineEnums(folder: string): Plugin {
  const known = new Map<string, Enums>();
  return {
    name: "inline-enums",
    enforce: "pre",
    transform: (text, path) =>
      path.startsWith(folder) ? { code: withNumbers(text, path, known), map: null } : null,
  };
}
