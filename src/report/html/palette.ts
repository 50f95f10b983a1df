/**
 * Colours of both themes, as CSS variables: pictures name variables, so one picture serves both. Text has at least 4.5:1 against what
 * it stands on and graphics 3:1 (WCAG 2.2 AA); a test computes it.
 */

export interface Theme {
  readonly page: string;
  readonly panel: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly link: string;
  readonly alertPage: string;
  readonly alertInk: string;
  /** Of lines and bars, told apart by position, label and symbol too. */
  readonly series: readonly string[];
  /** Waits and distances: from what costs nothing to what costs most. */
  readonly quiet: string;
}

export const light: Theme = {
  page: "#ffffff",
  panel: "#f4f6f8",
  ink: "#1b1f24",
  muted: "#57606a",
  line: "#d0d7de",
  link: "#0b57b0",
  alertPage: "#fdecea",
  alertInk: "#8c1d18",
  series: [
    "#1f5fbf",
    "#b3261e",
    "#0b7a43",
    "#7a3fb5",
    "#955400",
    "#00707f",
    "#b0287f",
    "#555d66",
    "#666500",
    "#7d4a32",
  ],
  quiet: "#8a939d",
};

export const dark: Theme = {
  page: "#14171b",
  panel: "#1e2227",
  ink: "#e8eaed",
  muted: "#a5adb6",
  line: "#3a4149",
  link: "#8ab8ff",
  alertPage: "#3b1715",
  alertInk: "#ffb4ab",
  series: [
    "#7fb2ff",
    "#ff8f85",
    "#5fd394",
    "#c9a2ff",
    "#f5b04d",
    "#4fd0df",
    "#ff8fd0",
    "#b4bcc6",
    "#d3d15a",
    "#e0a184",
  ],
  quiet: "#7d8791",
};

/** The theme's variables as CSS declarations. */
export function declarations(theme: Theme): string {
  const { series, ...single } = theme;
  const names = Object.entries(single).map(([name, color]) => `--${name}:${color};`);
  return [...names, ...series.map((color, index) => `--s${index}:${color};`)].join("");
}

const seriesCount = light.series.length;

/** Colour of the `index`th line or bar. Where there are more of them than colours, colours come again. */
export function seriesColor(index: number): string {
  return `var(--s${index % seriesCount})`;
}

/** What tells those of one colour apart: solid the first time, then dashed. */
export function seriesDash(index: number): string {
  return index < seriesCount ? "none" : "5,3";
}

export const quietColor = "var(--quiet)";
