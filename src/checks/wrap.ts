/** Breaks text into lines for a narrow column. */

/** Keeps what it joins on one line where that is possible; shown as a space. */
export const tie = "\u00a0";

/**
 * Lines of at most `width` characters, broken at spaces, else after a dot or a dash in a long name, else anywhere. Lines
 * after the first are indented by one space where there is room.
 */
export function wrap(text: string, width: number): string[] {
  if (text === "") return [];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const indent = lines.length > 0 || line !== "" ? (width > 8 ? " " : "") : "";
    if (line !== "" && line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    const pieces = breakWord(word, width - indent.length).map((piece) => indent + piece);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? "";
  }
  return [...lines, line].map((text) => text.replaceAll(tie, " "));
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (rest.length > width) {
    const head = rest.slice(0, width);
    const at = Math.max(head.lastIndexOf("."), head.lastIndexOf("-"), head.lastIndexOf("/")) + 1;
    const cut = at > width / 3 ? at : width;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...pieces, rest];
}
