/** "did you mean ...?": the nearest of the known names, where it is near enough to be a typing mistake. */
import { distance } from "fastest-levenshtein";

/** The known name nearest to `given`, or undefined where none differs by at most two letters or 40 % of them. */
function nearest(given: string, known: readonly string[]): string | undefined {
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
  const name = nearest(given, known);
  return name === undefined ? "" : `; did you mean \`${name}\`?`;
}
