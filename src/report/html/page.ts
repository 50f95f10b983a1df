/** The document around the report: a head that forbids everything but its own style, and a link past what stands first. */
import { type Child, emptyDocument, flat, h } from "./dom.ts";
import { styleSheet } from "./styles.ts";

/** Whatever a text may be taken for: no script runs and nothing is fetched. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function page(title: string, ...content: readonly Child[]): string {
  const document = emptyDocument();
  const { head, body } = document;
  head.append(
    h("meta", { charset: "utf-8" }),
    h("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    h("meta", { name: "color-scheme", content: "light dark" }),
    h("title", {}, title),
    h("link", { rel: "icon", href: "data:," }),
    h("style", {}, styleSheet),
  );
  body.append(h("a", { class: "skip", href: "#main" }, "Skip to the results"), ...flat(content));
  return `${document.toString()}\n`;
}
