/** Text in lines that fit the report. */

/** Characters of a line. */
const lineWidth = 78;

/** Breaks text at spaces; further lines begin with `indent`. A longer word has a line of its own. */
export function wrapped(text: string, indent = "", width = lineWidth): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    if (line.trim() !== "" && line.length + 1 + word.length > width) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
