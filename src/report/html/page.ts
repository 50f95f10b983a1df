/** The document around the report: a head that forbids everything but its own style, and a link past what stands first. */
import { parseHTML } from "linkedom";
import { type Child, h, type PageNode } from "./dom.ts";
import { styleSheet } from "./styles.ts";

/** Whatever a text may be taken for: no script runs and nothing is fetched. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function page(title: string, ...content: readonly Child[]): string {
  const { document } = parseHTML('<!doctype html><html lang="en"><head></head><body></body></html>');
  const head: PageNode = document.head;
  const body: PageNode = document.body;
  head.append(
    h("meta", { charset: "utf-8" }),
    h("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    h("meta", { name: "color-scheme", content: "light dark" }),
    h("title", {}, title),
    h("link", { rel: "icon", href: "data:," }),
    h("style", {}, styleSheet),
  );
  body.append(
    h("a", { class: "skip", href: "#main" }, "Skip to the results"),
    ...(content.flat() as PageNode[]),
  );
  return `${document.toString()}\n`;
}
