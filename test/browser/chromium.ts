/** Runs a bundle in headless Chromium, in a page of its own; what goes wrong there is told. */
import { existsSync } from "node:fs";
import { type BrowserContext, chromium } from "playwright-core";

const usualPlaces = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is: `REFPLAY_CHROMIUM`, or one of the usual places; undefined where there is none. */
export function findChromium(): string | undefined {
  const { REFPLAY_CHROMIUM: named } = process.env;
  return named === undefined || named === "" ? usualPlaces.find((path) => existsSync(path)) : named;
}

/** Nothing that it does by itself may touch the network, nor run longer than the test. */
export const quietArguments: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** No such host: the page's requests are answered here, so that no server is needed. */
const origin = "http://refplay.invalid";

const page = `<!doctype html><meta charset="utf-8"><title>refplay</title><link rel="icon" href="data:,"><script src="bundle.js"></script>`;

export interface PageRun<Result> {
  readonly result: Result;
  /** As `navigator.userAgent` tells it. */
  readonly userAgent: string;
  /** Console errors and warnings, uncaught errors, requests that failed. */
  readonly complaints: readonly string[];
}

/**
 * Loads `script` in a page and calls `call` there, a function of `argument`; it finds the script's exports in the global `refplay`. Both
 * are passed as copies.
 */
export async function runInChromium<Argument, Result>(
  executablePath: string,
  script: string,
  call: (argument: Argument) => Result,
  argument: Argument,
): Promise<PageRun<Result>> {
  const complaints: string[] = [];
  // An empty folder for the user's data: a new one for each launch.
  const browser = await chromium.launch({ executablePath, args: [...quietArguments], headless: true });
  try {
    const context = await browser.newContext();
    await answer(context, script);
    const tab = await context.newPage();
    tab.on("console", (message) => {
      if (["error", "warning", "assert"].includes(message.type())) complaints.push(message.text());
    });
    tab.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
    tab.on("requestfailed", (request) =>
      complaints.push(`${request.url()}: ${request.failure()?.errorText}`),
    );
    await tab.goto(`${origin}/`, { waitUntil: "load" });
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    const evaluate = tab.evaluate as (call: unknown, argument: unknown) => Promise<Result>;
    const result = await evaluate.call(tab, call, argument);
    const userAgent = await tab.evaluate<string>("navigator.userAgent");
    return { result, userAgent, complaints };
  } finally {
    await browser.close();
  }
}

async function answer(context: BrowserContext, script: string): Promise<void> {
  await context.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/") return route.fulfill({ contentType: "text/html", body: page });
    if (pathname === "/bundle.js") return route.fulfill({ contentType: "text/javascript", body: script });
    return route.fulfill({ status: 404, body: "" });
  });
}
