/**
 * The objects of the policy model: namespaces, versions of profiles, labels. They are what a kernel that never frees
 * anything would have; policy-model.ts is all that changes them.
 */

import type { LabelError, PolicyErrno } from "./label-error.ts";
import type { LabelPart, LabelParts } from "./label-parts.ts";
import type { ProfileMode } from "./modes.ts";

/** What an operation came to: a value, or the kernel's error and what it means here. */
export type PolicyResult<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly errno: PolicyErrno;
      readonly why: string;
      /** Where a label's text is to blame. */
      readonly error?: LabelError;
    };

export const done = <T>(value: T): PolicyResult<T> => ({ ok: true, value });

export const refused = (errno: PolicyErrno, why: string): PolicyResult<never> => ({ ok: false, errno, why });

/** A namespace; one that was destroyed and created again is a new object. */
export class ModelNamespace {
  /** From the root's child down. */
  readonly path: readonly string[];
  readonly parent: ModelNamespace | null;
  readonly children = new Map<string, ModelNamespace>();
  /** The newest versions by hierarchical name, without `unconfined`. */
  readonly profiles = new Map<string, ModelProfile>();
  readonly unconfined: ModelProfile;
  /** False from its destruction on. */
  alive = true;
  /** Directories made for profiles so far; the number is part of their names. */
  directories = 0;

  constructor(name: string | null, parent: ModelNamespace | null, unconfined: ModelProfileMaker) {
    this.path = parent === null || name === null ? [] : [...parent.path, name];
    this.parent = parent;
    this.unconfined = unconfined(this);
  }
}

/** Makes the first profile of a namespace. */
export type ModelProfileMaker = (namespace: ModelNamespace) => ModelProfile;

/** One version of a profile, and a label of one part. */
export interface ModelProfile {
  readonly namespace: ModelNamespace;
  readonly name: string;
  readonly mode: ProfileMode;
  readonly label: ModelLabel;
}

/** A label of one version of each of its profiles. */
export interface ModelLabel {
  /** Counts from 1 in the order of creation; for messages and sorting. */
  readonly id: number;
  /** In canonical order. */
  readonly profiles: readonly ModelProfile[];
  /** What took its place; null while it is the newest. A stale label's is one step: `newest` goes on to the end. */
  redirect: ModelLabel | null;
}

export const partOf = ({ namespace, name }: ModelProfile): LabelPart => ({
  namespace: namespace.path,
  profile: name,
});

export const partsOf = (label: ModelLabel): LabelParts => label.profiles.map(partOf);
