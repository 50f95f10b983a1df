/** Breaks text into lines for a narrow column. */

/** Keeps what it joins on one line where that is possible; shown as a space. */
export const tie = "\u00a0";

/**
 * Lines of at most `width` characters, broken at spaces, then at ties, then after a dot or a dash in a long name, else
 * anywhere. Lines after the first begin with `indent`.
 */
export function wrap(text: string, width: number, indent = ""): string[] {
  if (text === "") return [];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    const margin = lines.length > 0 ? indent : "";
    const pieces = breakWord(word, width - indent.length).map((piece, index) =>
      index === 0 ? margin + piece : indent + piece,
    );
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? "";
  }
  return [...lines, line].map((whole) => whole.replaceAll(tie, " ").trimEnd());
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (rest.length > width) {
    const cut = placeToCut(rest.slice(0, width)) ?? width;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...pieces, rest];
}

/** Where a line that is full is best cut, unless that leaves too little of it. */
function placeToCut(line: string): number | undefined {
  const after = (mark: string) => line.lastIndexOf(mark) + 1;
  const places = [after(tie), Math.max(after("."), after("-"), after("/"))];
  return places.find((place) => place > line.length / 4);
}
