/**
 * Numbers for names: the kernel program knows namespaces and profiles by index and compares ranks, so somebody who knows all
 * names that will ever occur has to number them before anything runs. A name that is never loaded has a number, too; the
 * kernel then finds that nothing is there.
 */
import {
  compareNamespaces,
  compareParts,
  type LabelPart,
  levelSeparator,
  partsKey,
  unconfinedName,
} from "../policy/label-parts.ts";

/** Everything that a history names; parents may be left out. */
export interface NameSet {
  readonly namespaces?: readonly (readonly string[])[];
  /** `unconfined` of any namespace may be among them. */
  readonly profiles: readonly LabelPart[];
  /** Which children are hats; those that `isHatName` tells unless given. */
  readonly isHat?: (part: LabelPart) => boolean;
}

/**
 * Whether a child's name looks like a hat's: its last level has a letter and none in lower case (`DEFAULT_URI`). Policies do
 * not always write hats so, but the names do not say more.
 */
export function isHatName(profile: string): boolean {
  const level = profile.split(levelSeparator).at(-1) ?? "";
  return profile.includes(levelSeparator) && /\p{Lu}/u.test(level) && !/\p{Ll}/u.test(level);
}

/** The name one level up, or null for a name of one level. */
export function parentName(profile: string): string | null {
  const levels = profile.split(levelSeparator);
  return levels.length === 1 ? null : levels.slice(0, -1).join(levelSeparator);
}

const namespaceKey = (path: readonly string[]): string => JSON.stringify(path);
const profileKey = (part: LabelPart): string => partsKey([part]);

/**
 * The numbers of a set of names. Namespaces have theirs in canonical order (root 0). Profiles: 0 is the root's `unconfined`,
 * then come those given, in their order but for parents, which are before their children, then the other namespaces'
 * `unconfined`. Ranks are places in the canonical order of all names, from 1.
 */
export class PolicyNumbers {
  /** By index; the root is first. */
  readonly namespaces: readonly (readonly string[])[];
  /** By index. */
  readonly profiles: readonly LabelPart[];
  readonly #namespaceIndex = new Map<string, number>();
  readonly #profileIndex = new Map<string, number>();
  readonly #ranks: readonly number[];
  readonly #isHat: (part: LabelPart) => boolean;
  #children: Map<number, number[]> | undefined;

  constructor({ namespaces = [], profiles, isHat = ({ profile }) => isHatName(profile) }: NameSet) {
    this.#isHat = isHat;
    const paths = new Map<string, readonly string[]>();
    for (const path of [[], ...namespaces, ...profiles.map((part) => part.namespace)]) {
      for (let depth = 0; depth <= path.length; depth++) {
        const above = path.slice(0, depth);
        paths.set(namespaceKey(above), above);
      }
    }
    this.namespaces = [...paths.values()].sort(compareNamespaces);
    for (const [index, path] of this.namespaces.entries())
      this.#namespaceIndex.set(namespaceKey(path), index);

    const all: LabelPart[] = [];
    const add = (part: LabelPart): void => {
      const key = profileKey(part);
      if (this.#profileIndex.has(key)) return;
      const parent = parentName(part.profile);
      if (parent !== null) add({ namespace: part.namespace, profile: parent });
      this.#profileIndex.set(key, all.length);
      all.push(part);
    };
    add({ namespace: [], profile: unconfinedName });
    for (const part of profiles) if (part.profile !== unconfinedName) add(part);
    for (const namespace of this.namespaces) add({ namespace, profile: unconfinedName });
    this.profiles = all;
    const order = all.map((_, index) => index);
    order.sort((a, b) => compareParts(all[a] as LabelPart, all[b] as LabelPart));
    const ranks = new Array<number>(all.length);
    for (const [place, index] of order.entries()) ranks[index] = place + 1;
    this.#ranks = ranks;
  }

  /** Profiles beside the root's unconfined: `Population.namedProfiles` where `boot` loads none. */
  get namedProfiles(): number {
    return this.profiles.length - 1;
  }

  /** Namespaces beside the root: `Population.namespaces`. */
  get namedNamespaces(): number {
    return this.namespaces.length - 1;
  }

  /** RangeError, a defect of the caller, for a namespace that is not in the set. */
  namespace(path: readonly string[]): number {
    return known(this.#namespaceIndex.get(namespaceKey(path)), path);
  }

  /** RangeError for a profile that is not in the set. */
  profile(part: LabelPart): number {
    return known(this.#profileIndex.get(profileKey(part)), part);
  }

  /** The profile every namespace begins with. */
  unconfined(namespace: readonly string[]): number {
    return this.profile({ namespace, profile: unconfinedName });
  }

  /** Place of a profile in the canonical order, from 1. */
  rank(profile: number): number {
    return known(this.#ranks[profile], profile);
  }

  /** The profile whose child this one is, or null. */
  parent(profile: number): number | null {
    const part = this.#part(profile);
    const name = parentName(part.profile);
    return name === null ? null : this.profile({ namespace: part.namespace, profile: name });
  }

  /** Whether it is a child that changeHat may enter. */
  isHat(profile: number): boolean {
    return this.parent(profile) !== null && this.#isHat(this.#part(profile));
  }

  /** Children of a profile and theirs, parents first. */
  descendants(profile: number): readonly number[] {
    this.#children ??= this.#listChildren();
    const direct = this.#children.get(profile) ?? [];
    return direct.flatMap((child) => [child, ...this.descendants(child)]);
  }

  #listChildren(): Map<number, number[]> {
    const children = new Map<number, number[]>();
    for (const index of this.profiles.keys()) {
      const parent = this.parent(index);
      if (parent === null) continue;
      const list = children.get(parent) ?? [];
      children.set(parent, list);
      list.push(index);
    }
    return children;
  }

  #part(profile: number): LabelPart {
    return known(this.profiles[profile], profile);
  }
}

function known<T>(found: T | undefined, asked: unknown): T {
  if (found === undefined) throw new RangeError(`${JSON.stringify(asked)} has no number`);
  return found;
}
