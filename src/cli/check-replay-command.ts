/** Commands below findings: what shows a finding again, in lines that a shell takes as one command. */
import type { PlannedCheck } from "./check-plan.ts";

/** The words of a command that names one check; `refplay` is how refplay was started. */
function checkWords(refplay: string, { strategy, program, model, bounds, broken }: PlannedCheck): string[] {
  const size = Object.entries(bounds).map(([name, value]) => `${name}=${value}`);
  return [
    `${refplay} check`,
    ...(strategy === null ? [] : [quoted(strategy.given)]),
    `--program ${program.name}`,
    `--model ${model}`,
    ...(broken === undefined ? [] : [`--broken ${broken.value}`]),
    ...(size.length === 0 ? [] : [`--bound ${size.join(",")}`]),
  ];
}

/**
 * The command that shows a schedule again. Without a step there is none to show: the same check finds it at once.
 * @param width characters per line, where words allow it
 */
export function replayCommand(
  refplay: string,
  item: PlannedCheck,
  schedule: string,
  width: number,
): string[] {
  const lines = packed(checkWords(refplay, item), width - 4);
  // White space separates steps, so a schedule may have line breaks in its quotes.
  const replay = schedule === "" ? [] : packed(`--replay "${schedule}"`.split(" "), width - 6);
  const last = replay.length === 0 ? lines.length - 1 : lines.length;
  return [...lines.map((line, index) => (index < last ? `${line} \\` : line)), ...replay].map(
    (line, index) => (index === 0 ? line : `  ${line}`),
  );
}

/**
 * The command that makes one check again.
 * @param width characters per line, where words allow it
 */
export function searchCommand(
  refplay: string,
  item: PlannedCheck,
  options: readonly string[],
  width: number,
): string[] {
  const lines = packed([...checkWords(refplay, item), ...options], width - 4);
  return lines.map(
    (line, index) => `${index === 0 ? "" : "  "}${line}${index + 1 < lines.length ? " \\" : ""}`,
  );
}

function packed(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./#@%+=:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
