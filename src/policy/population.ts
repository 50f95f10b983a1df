/**
 * Label texts for scenarios: as many as asked for, from real profile names, and the same ones for the same seed anywhere.
 *
 *     const population = labelPopulation("nginx-2024", 10_000, { compoundShare: 0.2, namespaces: 4, children: 0.1 });
 *     population.texts[9_999]; // a compound
 */
import { Random } from "../workloads/random.ts";
import { canonicalParts, compareParts, type LabelPart, levelSeparator, partsKey } from "./label-parts.ts";
import { printLabel } from "./print-label.ts";
import { profileNames } from "./profile-names.ts";

export interface PopulationOptions {
  /** Share of the labels that are compounds, 0 to 1; 0.2 unless given. */
  readonly compoundShare?: number;
  /** Namespaces beside the root, 0 to 1,000; 2 unless given. */
  readonly namespaces?: number;
  /** Share of the root's profiles that are hats or other children, 0 to 0.5; 0.1 unless given. */
  readonly children?: number;
  /** Most parts of a compound, 2 to 64; 8 unless given, what the kernel's vector on the stack holds. */
  readonly maxParts?: number;
}

/** A population and the policy that it needs. */
export interface LabelPopulation {
  /** Paths from the root, parents before children. */
  readonly namespaces: readonly (readonly string[])[];
  /** The profiles, parents before children; as many as there are labels of one profile, in the same order. */
  readonly profiles: readonly LabelPart[];
  /** Canonical texts seen from the root, all different: plain profiles, children, profiles of namespaces, compounds. */
  readonly texts: readonly string[];
}

/** Hats of Apache's mod_apparmor and sshd, for parents whose own children are not known. */
const hatNames = ["DEFAULT_URI", "HANDLING_UNTRUSTED_INPUT", "EXEC", "AUTHENTICATED", "PRIVSEP"] as const;

/** Names of namespaces, as container managers give them: `lxd-c1_<var-lib-lxd>` without its brackets. */
const namespaceName = (number: number): string => `lxd-c${number}`;

/**
 * `count` labels (1 to 1,000,000). Of those that are not compounds, every namespace gets as many as the root, and
 * `children` of the root's are children: real ones first, then hats of parents drawn at random. Where the real names run
 * out they come again with a number (`/usr/bin/man.2`).
 *
 * A compound has 2 parts with probability 1/2, 3 with 1/4, 4 with 1/8 and so on; `maxParts` has what is left. Its parts
 * are drawn from all profiles alike, so most compounds span namespaces where there are several. A compound that is there
 * already is drawn again; where all of a size are, the next larger size has its turn, and after the largest those of 2.
 * RangeError for arguments out of range and for more compounds than the profiles can form.
 */
export function labelPopulation(
  seed: string,
  count: number,
  options: PopulationOptions = {},
): LabelPopulation {
  const { compoundShare = 0.2, namespaces = 2, children = 0.1, maxParts = 8 } = options;
  inRange("count", count, 1, 1_000_000, true);
  inRange("compoundShare", compoundShare, 0, 1, false);
  inRange("namespaces", namespaces, 0, 1000, true);
  inRange("children", children, 0, 0.5, false);
  inRange("maxParts", maxParts, 2, 64, true);
  const random = new Random(`labels ${seed}`);
  const compounds = Math.floor(count * compoundShare);
  const singles = count - compounds;
  const perNamespace = Math.floor(singles / (namespaces + 1));
  const ofRoot = singles - namespaces * perNamespace;
  const ofChildren = Math.floor(ofRoot * children);
  const paths = Array.from({ length: namespaces }, (_, index) => namespacePath(index + 1));
  const plain = plainNames(random, ofRoot - ofChildren);
  const profiles = [
    ...plain.map((profile): LabelPart => ({ namespace: [], profile })),
    ...childNames(random, plain, ofChildren).map((profile): LabelPart => ({ namespace: [], profile })),
    ...paths.flatMap((namespace) =>
      plainNames(random, perNamespace).map((profile): LabelPart => ({ namespace, profile })),
    ),
  ];
  const texts = profiles.map((part) => printLabel([part]));
  texts.push(...drawCompounds(random, profiles, compounds, maxParts));
  return { namespaces: paths, profiles, texts };
}

function inRange(name: string, value: number, low: number, high: number, whole: boolean): void {
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return;
  throw new RangeError(`${name} is ${value}; it is ${whole ? "a whole number " : ""}from ${low} to ${high}`);
}

/** Every third namespace is inside the one before it, as where containers run in a container. */
function namespacePath(number: number): readonly string[] {
  return number % 3 === 0 ? [namespaceName(number - 1), namespaceName(number)] : [namespaceName(number)];
}

const topLevelNames = profileNames.filter((name) => !name.includes(levelSeparator));
const realChildren = profileNames.filter((name) => name.includes(levelSeparator));

/** Real names in random order, then the same again with numbers. */
function plainNames(random: Random, count: number): string[] {
  const names: string[] = [];
  for (let round = 1; names.length < count; round++) {
    const order = random.shuffle(topLevelNames).slice(0, count - names.length);
    names.push(...(round === 1 ? order : order.map((name) => `${name}.${round}`)));
  }
  return names;
}

/** Children of the given parents: those that Debian has, then hats, numbered once a parent has all of them. */
function childNames(random: Random, parents: readonly string[], count: number): string[] {
  const known = new Set(parents);
  const names = realChildren.filter((name) => known.has(parentOf(name))).slice(0, count);
  const hats = new Map<string, number>();
  while (names.length < count) {
    const parent = random.pick(parents);
    const number = hats.get(parent) ?? 0;
    hats.set(parent, number + 1);
    const round = Math.floor(number / hatNames.length) + 1;
    const hat = `${hatNames[number % hatNames.length]}${round === 1 ? "" : `.${round}`}`;
    const name = parent + levelSeparator + hat;
    if (!realChildren.includes(name)) names.push(name);
  }
  return names;
}

const parentOf = (child: string): string => child.slice(0, child.indexOf(levelSeparator));

function drawCompounds(
  random: Random,
  profiles: readonly LabelPart[],
  count: number,
  maxParts: number,
): string[] {
  const most = Math.min(maxParts, profiles.length);
  // How many of each size are not drawn yet.
  const left = Array.from({ length: most + 1 }, (_, size) => (size < 2 ? 0 : choices(profiles.length, size)));
  if (left.reduce((sum, some) => sum + some, 0) < count) {
    throw new RangeError(`${profiles.length} profiles cannot form ${count} compounds of up to ${maxParts}`);
  }
  const seen = new Set<string>();
  const texts: string[] = [];
  while (texts.length < count) {
    let size = 2;
    while (size < most && random.chance(0.5)) size++;
    while (left[size] === 0) size = size === most ? 2 : size + 1;
    for (;;) {
      const parts = canonicalParts(drawDistinct(random, profiles, size));
      const key = partsKey(parts);
      if (seen.has(key)) continue;
      seen.add(key);
      left[size] = (left[size] ?? 0) - 1;
      texts.push(printLabel(parts));
      break;
    }
  }
  return texts;
}

/** Ways to choose `size` of `of` things; exact as far as a population can need them. */
function choices(of: number, size: number): number {
  let ways = 1;
  for (let index = 1; index <= size; index++) ways = (ways * (of - size + index)) / index;
  return Math.round(ways);
}

/** `size` different profiles; `size` is at most their number. */
function drawDistinct(random: Random, profiles: readonly LabelPart[], size: number): LabelPart[] {
  const drawn: LabelPart[] = [];
  while (drawn.length < size) {
    const part = random.pick(profiles);
    if (!drawn.some((other) => compareParts(other, part) === 0)) drawn.push(part);
  }
  return drawn;
}
