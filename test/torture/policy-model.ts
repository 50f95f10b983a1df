/**
 * Which profiles and namespaces there are: as much of policy as the scripts of a round must know to say what is left at its end.
 * Every profile is changed by one CPU only, so that this does not depend on the order in which CPUs run.
 */
import type { LabelPopulation } from "../../src/policy/population.ts";
import { PolicyNumbers, parentName } from "../../src/workloads/policy-names.ts";
import type { Random } from "../../src/workloads/random.ts";

/** What one CPU may change. */
export interface OwnPolicy {
  /** Numbers of profiles. */
  readonly profiles: readonly number[];
  /** Numbers of namespaces, which it creates and destroys; parents before children. */
  readonly namespaces: readonly number[];
}

export class TorturePolicy {
  readonly numbers: PolicyNumbers;
  /** By CPU. */
  readonly own: readonly OwnPolicy[];
  /** Profiles that are loaded, by number, with the text that they came from. */
  readonly #texts = new Map<number, number>();
  readonly #namespaces = new Set<number>();
  #loads = 0;

  /** Everything of the population is there. */
  constructor(population: LabelPopulation, cpus: number, random: Random) {
    this.numbers = new PolicyNumbers(population);
    for (const index of this.numbers.namespaces.keys()) this.#namespaces.add(index);
    for (const part of population.profiles) this.#texts.set(this.numbers.profile(part), ++this.#loads);
    this.own = this.#share(population, cpus, random);
  }

  /** Families of the root's profiles, and whole trees of namespaces, go to CPUs at random. */
  #share(population: LabelPopulation, cpus: number, random: Random): OwnPolicy[] {
    const shares = Array.from({ length: cpus }, () => ({
      profiles: [] as number[],
      namespaces: [] as number[],
    }));
    const owners = new Map<string, number>();
    const shareOf = (family: string): (typeof shares)[number] => {
      const owner = owners.get(family) ?? random.below(cpus);
      owners.set(family, owner);
      return shares[owner] as (typeof shares)[number];
    };
    for (const path of population.namespaces)
      shareOf(`:${path[0]}`).namespaces.push(this.numbers.namespace(path));
    for (const part of population.profiles) {
      const { namespace, profile } = part;
      const family = namespace[0] === undefined ? oldestName(profile) : `:${namespace[0]}`;
      shareOf(family).profiles.push(this.numbers.profile(part));
    }
    return shares;
  }

  isListed(profile: number): boolean {
    return this.#texts.has(profile);
  }

  isThere(namespace: number): boolean {
    return this.#namespaces.has(namespace);
  }

  namespaceOf(profile: number): number {
    return this.numbers.namespace(this.numbers.profiles[profile]?.namespace ?? []);
  }

  /** A set of profiles as one event; whether the kernel does it, whole or not at all. */
  load(set: readonly number[], replace: boolean): boolean {
    const first = set[0] ?? 0;
    const namespace = this.namespaceOf(first);
    const possible =
      this.#namespaces.has(namespace) &&
      new Set(set).size === set.length &&
      set.every((profile) => {
        if (this.namespaceOf(profile) !== namespace) return false;
        if (this.#texts.has(profile)) return replace;
        const parent = this.numbers.parent(profile);
        return parent === null || this.#texts.has(parent) || set.includes(parent);
      });
    if (!possible) return false;
    this.#loads++;
    for (const profile of set) this.#texts.set(profile, this.#loads);
    return true;
  }

  /** Its children go with it. */
  remove(profile: number): void {
    if (!this.#texts.delete(profile)) return;
    for (const below of this.numbers.descendants(profile)) this.#texts.delete(below);
  }

  create(namespace: number): void {
    if (this.#namespaces.has(this.parentOf(namespace))) this.#namespaces.add(namespace);
  }

  parentOf(namespace: number): number {
    return this.numbers.namespace(this.numbers.namespaces[namespace]?.slice(0, -1) ?? []);
  }

  /** Namespaces inside and all profiles go with it. */
  destroy(namespace: number): void {
    if (namespace === 0) return;
    const path = this.numbers.namespaces[namespace] ?? [];
    const isInside = (other: readonly string[]): boolean =>
      path.every((name, depth) => other[depth] === name);
    for (const index of [...this.#namespaces]) {
      if (isInside(this.numbers.namespaces[index] ?? [])) this.#namespaces.delete(index);
    }
    for (const profile of [...this.#texts.keys()]) {
      if (isInside(this.numbers.profiles[profile]?.namespace ?? [])) this.#texts.delete(profile);
    }
  }

  /** Profiles that are there, every namespace's unconfined among them. */
  get profiles(): number {
    return this.#texts.size + this.#namespaces.size;
  }

  /** Namespaces that are there, the root among them. */
  get namespaces(): number {
    return this.#namespaces.size;
  }

  /** Texts that a loaded profile came from. */
  get texts(): number {
    return new Set(this.#texts.values()).size;
  }
}

function oldestName(profile: string): string {
  const parent = parentName(profile);
  return parent === null ? profile : oldestName(parent);
}
