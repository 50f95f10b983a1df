/** Opens a page that stands by itself in headless Chromium and watches what it does. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { quietArguments } from "./chromium.ts";

/** A browser for several visits, each of which has a profile of its own. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...quietArguments], headless: true });
}

export interface Visit {
  /** Console messages of any kind, uncaught errors, requests for anything but the page. */
  readonly complaints: readonly string[];
  /** From navigation to the end of the load event, ms. */
  readonly loadMs: number;
}

/** Loads the file at `path`, lets `look` look, and closes the page whatever happens. */
export async function visit(
  browser: Browser,
  path: string,
  look: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const complaints: string[] = [];
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const url = `file://${path}`;
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (request.url() !== url) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url, { waitUntil: "load" });
    const loadMs = await page.evaluate<number>("performance.getEntriesByType('navigation')[0].loadEventEnd");
    await look(page);
    return { complaints, loadMs };
  } finally {
    await context.close();
  }
}
