/** Holds a machine against the model, or against the rules alone where a schedule decides what tasks have. */

import { profileNames } from "./policy-history.ts";
import type { ModelState, Versions } from "./policy-history-model.ts";
import type { PolicyView, SeenLabel } from "./policy-history-view.ts";

/** What is wrong, a line each; empty where all is well. */
export class Complaints {
  readonly lines: string[] = [];

  unless(holds: boolean, complaint: () => string): void {
    if (!holds) this.lines.push(complaint());
  }
}

/** Rules that hold at rest after any history, whatever it did. `labels`: addresses of all that are allocated, where known. */
export function checkRules(view: PolicyView, labels: readonly number[] | null, wrong: Complaints): void {
  const members = view.members();
  const live = new Map<string, SeenLabel>();
  for (const label of members) {
    if (label.stale) continue;
    const key = label.profiles.map((profile) => view.nameOf(profile)).join();
    const other = live.get(key);
    if (other !== undefined) wrong.lines.push(`two live labels: ${view.text(other)}, ${view.text(label)}`);
    live.set(key, label);
  }
  const listed = new Set(view.listed());
  const inSets = new Set(members.map(({ address }) => address));
  const current = (label: SeenLabel): boolean => label.profiles.every((profile) => listed.has(profile));
  for (const address of labels ?? []) {
    const label = view.label(address);
    if (label.stale || label.holders === 0) continue;
    wrong.unless(inSets.has(address) && label.inTree, () => `held and in no set: ${view.text(label)}`);
    wrong.unless(current(label), () => `not stale, but its profiles are: ${view.text(label)}`);
  }
  for (const [holder, address] of view.holders()) {
    const newest = view.label(view.newest(address));
    wrong.unless(
      current(newest),
      () => `${holder}: the newest is ${view.text(newest)}, which is out of date`,
    );
    wrong.unless(
      inSets.has(newest.address),
      () => `${holder}: the newest is in no set: ${view.text(newest)}`,
    );
  }
}

/** Compares a machine with the model, step by step. Remembers which version is at which address. */
export class AgainstModel {
  /** By version, then the address of its profile. */
  readonly #addresses = new Map<number, number>();
  #before: readonly number[] = [];

  check(view: PolicyView, state: ModelState, wrong: Complaints): void {
    const listed = view.listed();
    for (const [number, version] of state.listed.entries()) {
      const profile = listed[number] ?? 0;
      const name = (): string => JSON.stringify(profileNames[number]);
      wrong.unless(
        (profile !== 0) === (version !== 0),
        () => `${name()}: listed at ${profile}, not ${version}`,
      );
      if (profile === 0 || version === 0) continue;
      wrong.unless(!view.profileIsStale(profile), () => `${name()} is listed and stale`);
      const known = this.#addresses.get(version);
      if (known === undefined) {
        // The old version was listed until the new one was, so they cannot be at one address.
        wrong.unless(this.#before[number] !== profile, () => `${name()} is still the old version`);
        this.#addresses.set(version, profile);
      } else wrong.unless(known === profile, () => `${name()} is another version than it was`);
    }
    this.#before = listed;
    const there = view.namespaces();
    for (const [number, is] of state.namespaces.entries()) {
      wrong.unless(
        ((there[number] ?? 0) !== 0) === is,
        () => `namespace ${number} should be ${is ? "there" : "gone"}`,
      );
    }
    this.#checkLabels(view, state, wrong);
    if (state.made !== null) {
      const wanted = this.#vector(state.made);
      const found = view.members().some((label) => !label.stale && String(label.profiles) === String(wanted));
      wrong.unless(found, () => `no label was made of ${state.made} at ${wanted}`);
    }
  }

  #vector(versions: Versions): (number | undefined)[] {
    return versions.map((version) => this.#addresses.get(version));
  }

  #checkLabels(view: PolicyView, state: ModelState, wrong: Complaints): void {
    const holders = view.holders();
    for (const holder of holders.keys()) {
      wrong.unless(state.labels.has(holder), () => `${holder} should have no label`);
    }
    for (const [holder, { held, newest }] of state.labels) {
      const address = holders.get(holder);
      if (address === undefined) {
        wrong.lines.push(`${holder} has no label`);
        continue;
      }
      const same = (label: SeenLabel, versions: Versions): boolean =>
        String(label.profiles) === String(this.#vector(versions));
      const label = view.label(address);
      wrong.unless(
        same(label, held),
        () => `${holder} has ${view.text(label)}, not ${this.#vector(held)} (versions ${held})`,
      );
      const last = view.label(view.newest(address));
      wrong.unless(
        same(last, newest),
        () => `${holder}: newest is ${view.text(last)}, not ${this.#vector(newest)} (versions ${newest})`,
      );
    }
  }
}
