/**
 * Elements of the report. They are made as nodes and written by a serializer, which escapes every text and attribute: names and paths
 * come from users, and no text is ever read as HTML here.
 */
import { parseHTML } from "linkedom";

/** The part of the DOM that the report uses; the types of browsers are not part of this project. */
export interface PageNode {
  append(...children: (PageNode | string)[]): void;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  toString(): string;
}

export type Child = PageNode | string | undefined | readonly Child[];

interface PageDocument {
  readonly head: PageNode;
  readonly body: PageNode;
  createElement(name: string): PageNode;
  toString(): string;
}

/** An empty document in English. */
export function emptyDocument(): PageDocument {
  return parseHTML('<!doctype html><html lang="en"><head></head><body></body></html>').document;
}

/** Only what makes elements: nothing is ever kept in it. */
export const document = emptyDocument();

/**
 * `<name attribute="value">children</name>`. Attributes that are undefined are left out; `true` is one without a value.
 */
export function h(
  name: string,
  attributes: Readonly<Record<string, string | number | true | undefined>> = {},
  ...children: readonly Child[]
): PageNode {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...flat(children));
  return made;
}

/** Children in one list, without those that are undefined. */
export function flat(children: readonly Child[]): (PageNode | string)[] {
  return children.flatMap((child) => {
    if (child === undefined) return [];
    return Array.isArray(child) ? flat(child) : [child as PageNode | string];
  });
}
