/** Names as people type and read them: the one that was probably meant, and kebab case. */
import { distance } from "fastest-levenshtein";

/** The known name nearest to `given`, or undefined where none differs by at most two letters or 40 % of them. */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const changes = distance(given.toLowerCase(), name.toLowerCase());
    if (changes < bestDistance) {
      best = name;
      bestDistance = changes;
    }
  }
  const allowed = Math.max(2, Math.floor(given.length * 0.4));
  return bestDistance <= allowed && bestDistance < given.length ? best : undefined;
}

/** `; did you mean \`x\`?`, or nothing. Goes at the end of a message. */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = nearestName(given, known);
  return name === undefined ? "" : `; did you mean \`${name}\`?`;
}

/** `useAfterFree` -> `use-after-free`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
