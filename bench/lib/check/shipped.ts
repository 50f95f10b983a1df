/**
 * The checker as it is shipped, compiled to dist/. What runs TypeScript as it is wraps functions in order to keep their names,
 * which made searches a quarter slower.
 */
const dist = new URL("../../../dist/", import.meta.url);

/** Throws a Node error where dist/ was not built: `npm run bench:check` does that first. */
export async function shippedChecks(): Promise<typeof import("../../../src/checks/index.ts")> {
  return import(new URL("checks/index.js", dist).href);
}

export async function shippedExplorers(): Promise<typeof import("../../../src/engines/check/index.ts")> {
  return import(new URL("engines/check/index.js", dist).href);
}
