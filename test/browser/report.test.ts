/**
 * The HTML report in headless Chromium: it shows itself without complaint or request, all of it can be reached by keyboard, texts and
 * pictures keep within the page at any width, and both themes come out whatever the system's is.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { htmlReport } from "../../src/report/html/index.ts";
import { dark, light } from "../../src/report/html/palette.ts";
import { largeRecord, published, scenarioRecord, smallRecord } from "../report/html/support.ts";
import { findChromium } from "./chromium.ts";
import { openBrowser, visit } from "./page.ts";

const executablePath = findChromium() ?? "";
const timeout = 120_000;
const nasty = `<img src=x onerror="alert(1)"><script>alert(2)</script>"></title></style>`;

let browser: Browser;
let folder = "";
const file = (name: string): string => join(folder, `${name}.html`);

beforeAll(async () => {
  if (executablePath === "") return;
  browser = await openBrowser(executablePath);
  folder = mkdtempSync(join(tmpdir(), "refplay-report-"));
  const small = smallRecord();
  const renamed = (text: string): string => (text === "kref" ? nasty : text);
  const records = {
    large: largeRecord(),
    small,
    scenario: scenarioRecord(),
    nasty: {
      ...small,
      name: nasty,
      seed: nasty,
      cells: small.cells.map((cell) => ({ ...cell, strategy: renamed(cell.strategy), notes: [nasty] })),
    },
  };
  for (const [name, record] of Object.entries(records)) {
    writeFileSync(file(name), htmlReport(record, { published }));
  }
}, timeout);

afterAll(async () => {
  if (executablePath === "") return;
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Evaluated in the page: the compiler knows no DOM. */
const inPage = <Result>(page: Page, code: string): Promise<Result> =>
  page.evaluate<Result>(`(() => {${code}})()`);

const background = (page: Page): Promise<string> =>
  inPage(page, "return getComputedStyle(document.body).backgroundColor");

function rgb(color: string): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return `rgb(${parts.join(", ")})`;
}

/** Texts of a picture that stand outside the window, or one on the other; of the pictures that are shown. */
const misplaced = `
  const found = [];
  for (const svg of document.querySelectorAll("figure svg")) {
    if (svg.checkVisibility() === false) continue;
    const boxes = [...svg.querySelectorAll("text")]
      .filter((text) => text.textContent !== "")
      .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    boxes.forEach(({ text, box }, index) => {
      if (box.left < 0 || box.right > document.documentElement.clientWidth) found.push("outside: " + text);
      for (const other of boxes.slice(index + 1)) {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (wide > 2 && high > 4) found.push(text + " | " + other.text);
      }
    });
  }
  return found;
`;

describe.skipIf(executablePath === "")("the HTML report in Chromium", () => {
  test.each(["large", "small", "scenario", "nasty"])(
    "%s: shows itself without complaint, request or script",
    async (name) => {
      const { complaints, loadMs } = await visit(browser, file(name), async (page) => {
        expect(await inPage(page, "return document.scripts.length + document.images.length")).toBe(0);
        expect(await inPage(page, "return document.querySelectorAll('figure svg').length")).toBeGreaterThan(
          4,
        );
      });
      expect(complaints).toEqual([]);
      console.log(`${name}: loaded in ${Math.round(loadMs)} ms`);
    },
    timeout,
  );

  test.each([1200, 360])(
    "fits a page %i px wide, texts of pictures beside each other",
    async (width) => {
      for (const name of ["large", "small", "scenario"]) {
        await visit(
          browser,
          file(name),
          async (page) => {
            expect(await inPage(page, "return document.documentElement.scrollWidth"), name).toBe(width);
            expect(await inPage(page, misplaced), name).toEqual([]);
            const shown =
              "return [...document.querySelectorAll('figure')].map((figure) => " +
              "[...figure.querySelectorAll('svg')].filter((svg) => svg.checkVisibility()).length)";
            expect(new Set(await inPage<number[]>(page, shown))).toEqual(new Set([1]));
          },
          { viewport: { width, height: 800 } },
        );
      }
    },
    timeout,
  );

  test(
    "is reached by keyboard, the way past the beginning first, and shows where one is",
    async () => {
      await visit(browser, file("small"), async (page) => {
        const every = "a[href], summary, input, [tabindex='0']";
        // A closed table cannot be reached, and of a group of choices the chosen one is.
        await inPage(page, "for (const one of document.querySelectorAll('details')) one.open = true");
        const all = await inPage<number>(page, `return document.querySelectorAll("${every}").length`);
        const reached = new Set<number>();
        let first = "";
        for (let press = 0; press < all + 2; press++) {
          await page.keyboard.press("Tab");
          const index = await inPage<number>(
            page,
            `return [...document.querySelectorAll("${every}")].indexOf(document.activeElement)`,
          );
          if (press === 0) first = await inPage(page, "return document.activeElement.textContent");
          if (index >= 0) {
            reached.add(index);
            const style = await inPage(page, "return getComputedStyle(document.activeElement).outlineStyle");
            expect(style).not.toBe("none");
          }
        }
        expect(first).toBe("Skip to the results");
        expect(reached.size).toBe(all - 2);
      });
    },
    timeout,
  );

  test.each(["light", "dark"] as const)(
    "follows a system that is %s, and the switch instead where it is used",
    async (colorScheme) => {
      const own = { light, dark }[colorScheme];
      await visit(
        browser,
        file("small"),
        async (page) => {
          expect(await background(page)).toBe(rgb(own.page));
          await page.locator("#theme-dark").check();
          expect(await background(page)).toBe(rgb(dark.page));
          await page.locator("#theme-light").check();
          expect(await background(page)).toBe(rgb(light.page));
          await page.locator("#theme-system").check();
          expect(await background(page)).toBe(rgb(own.page));
          await page.locator("#theme-dark").check();
          await page.emulateMedia({ media: "print" });
          expect(await background(page)).toBe(rgb(light.page));
        },
        { colorScheme },
      );
    },
    timeout,
  );
});
