/** `npm run bench:strategies`: the suites of all strategies, one after the other. */
import { readdirSync } from "node:fs";

const folder = new URL(".", import.meta.url);
for (const name of readdirSync(folder).sort()) {
  if (name.endsWith(".bench.ts")) await import(new URL(name, folder).href);
}
