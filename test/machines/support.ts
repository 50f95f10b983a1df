/** A small machine that adds up, and ways to break it. */
import { formatLocation, RefplayError, RefplayErrors } from "../../src/errors.ts";
import { parseMachine } from "../../src/machines/resolve.ts";

/** 2 sockets, 4 L3 domains, 16 cores, 32 threads, every distance. */
export const small = `name: small
topology:
  sockets: 2
  l3Domains: 4
  cores: 16
  threads: 32
latencyNs:
  smt: 6
  l3: 25
  socket: 110
  cross: 200
`;

/** What refplay says about the small machine with these replacements, one mistake per element: place, message and hint. */
export function mistakes(...replacements: readonly (readonly [string, string])[]): string[] {
  let text = small;
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${from} is not in the small machine`);
    text = text.replace(from, to);
  }
  return mistakesOf(() => parseMachine(text, "small.yaml"));
}

/** The errors that `action` throws, without their hints. */
export function mistakesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    const errors = error instanceof RefplayErrors ? error.errors : [error];
    return errors.map((inner) => {
      if (!(inner instanceof RefplayError)) throw inner;
      return `${inner.location === undefined ? "" : `${formatLocation(inner.location)}: `}${inner.message}`;
    });
  }
  return [];
}
