/**
 * A plain model of policy, for tests to hold the real thing against: maps, no reference counts, no locks, nothing freed.
 *
 * What it does follows security/apparmor/policy.c, policy_ns.c and label.c (v6.6). Three differences, all of them such
 * that the model is the simpler one:
 * - `newest` goes on until it meets a label that is not stale. aa_get_newest_label takes one step, which after the
 *   destruction of nested namespaces ends at an `unconfined` that is stale itself;
 * - every change brings all compounds up to date at once. The kernel does so for the namespace of the change and those
 *   below it (__aa_labelset_update_subtree), and not at all when a namespace is destroyed: such a compound is not marked,
 *   and changes when it is merged next;
 * - a label stays for good, as if somebody held it.
 */
import { LabelError } from "./label-error.ts";
import {
  compareLabels,
  compareParts,
  type LabelPart,
  type LabelParts,
  levelSeparator,
  partsKey,
  unconfinedName,
} from "./label-parts.ts";
import { type ProfileEntry, planLoad, type ReadEntry } from "./load-plan.ts";
import type { ProfileMode } from "./modes.ts";
import { namespaceTooLong } from "./name-limits.ts";
import { type ParseOptions, type PolicyNames, parseLabel } from "./parse-label.ts";
import {
  done,
  type ModelLabel,
  ModelNamespace,
  type ModelProfile,
  type PolicyResult,
  partOf,
  partsOf,
  refused,
} from "./policy-objects.ts";
import { type PrintOptions, printLabel } from "./print-label.ts";

export class PolicyModel {
  readonly root: ModelNamespace;
  /** Compounds that are not stale, by partsKey. */
  readonly #compounds = new Map<string, ModelLabel>();
  #labels = 0;

  /** A policy of nothing but the root namespace and its unconfined profile (aa_alloc_root_ns). */
  constructor() {
    this.root = this.#newNamespace(null, null);
  }

  // Namespaces

  /** The namespace of that path, or undefined. */
  namespace(path: readonly string[]): ModelNamespace | undefined {
    let namespace: ModelNamespace | undefined = this.root;
    for (const name of path) namespace = namespace?.children.get(name);
    return namespace;
  }

  /** All namespaces that are there, parents before children. */
  namespaces(): ModelNamespace[] {
    const visit = (namespace: ModelNamespace): ModelNamespace[] => [
      namespace,
      ...[...namespace.children.values()].flatMap(visit),
    ];
    return visit(this.root);
  }

  /**
   * As mkdir in apparmorfs (ns_mkdir_op, __aa_find_or_create_ns): EEXIST where there is one, the root among them; ENOENT
   * for an unknown parent; ENAMETOOLONG over 255 bytes. EINVAL, of this model alone, for names that policy.c's head
   * comment rules out (it begins with `/` or `@` or holds NUL or `:`) and for all others with a slash or none but dots.
   */
  createNamespace(path: readonly string[]): PolicyResult<ModelNamespace> {
    const name = path.at(-1);
    if (name === undefined) return refused("EEXIST", "the root namespace is always there");
    const parent = this.namespace(path.slice(0, -1));
    if (parent === undefined)
      return refused("ENOENT", `no namespace ${path.slice(0, -1).join(levelSeparator)}`);
    if (parent.children.has(name)) return refused("EEXIST", `namespace ${path.join(levelSeparator)} exists`);
    if (name.trim() === "" || /^[@\s]|[:/\0]|^\.\.?$/.test(name)) {
      return refused("EINVAL", `no namespace can have the name \`${name}\``);
    }
    const tooLong = namespaceTooLong(name);
    if (tooLong !== undefined) return refused("ENAMETOOLONG", tooLong);
    return done(this.#newNamespace(name, parent));
  }

  /**
   * As rmdir in apparmorfs (ns_rmdir_op, destroy_ns): its profiles become its unconfined, then everything in the
   * namespaces inside, then its unconfined becomes the parent's. ENOENT for an unknown one; EBUSY for the root, the
   * answer to rmdir of a file system's root (may_delete in fs/namei.c).
   */
  destroyNamespace(path: readonly string[]): PolicyResult<ModelNamespace> {
    const namespace = this.namespace(path);
    if (namespace === undefined) return refused("ENOENT", `no namespace ${path.join(levelSeparator)}`);
    if (namespace.parent === null) return refused("EBUSY", "the root namespace cannot be destroyed");
    this.#destroy(namespace, namespace.parent);
    this.#updateCompounds();
    return done(namespace);
  }

  #destroy(namespace: ModelNamespace, parent: ModelNamespace): void {
    parent.children.delete(namespace.path.at(-1) ?? "");
    for (const profile of namespace.profiles.values()) profile.label.redirect = namespace.unconfined.label;
    namespace.profiles.clear();
    for (const child of [...namespace.children.values()]) this.#destroy(child, namespace);
    namespace.unconfined.label.redirect = parent.unconfined.label;
    namespace.alive = false;
  }

  // Profiles

  /** The newest version by its name in its namespace, without the kernel's short cut for `unconfined`; see `resolve`. */
  profile(path: readonly string[], name: string): ModelProfile | undefined {
    const namespace = this.namespace(path);
    return name === unconfinedName ? namespace?.unconfined : namespace?.profiles.get(name);
  }

  /** As writing to .load: one profile that is not there yet. Errors as `load`. */
  loadProfile(path: readonly string[], name: string, mode?: ProfileMode): PolicyResult<ModelProfile> {
    return this.#loadOne(path, name, mode, false);
  }

  /** As writing to .replace: a new version, or the first one. Errors as `load`, without EEXIST. */
  replaceProfile(path: readonly string[], name: string, mode?: ProfileMode): PolicyResult<ModelProfile> {
    return this.#loadOne(path, name, mode, true);
  }

  #loadOne(
    path: readonly string[],
    name: string,
    mode: ProfileMode | undefined,
    replace: boolean,
  ): PolicyResult<ModelProfile> {
    const loaded = this.load(path, [mode === undefined ? { name } : { name, mode }], replace);
    if (!loaded.ok) return loaded;
    return done(loaded.value[0] as ModelProfile);
  }

  /**
   * Loads a set, all or nothing (aa_replace_profiles). Children of a replaced profile stay. A set has one namespace, which
   * is created where it is missing: EACCES for two, or for a profile without namespace before one with. ENOENT for an
   * unknown namespace to load into and for a child without parent; EEXIST for a profile that is there, unless `replace`;
   * ENAMETOOLONG for a directory name over 255 bytes; EPERM for `unconfined`; and those of readEntry. EEXIST also, of this
   * model alone, for a name that is in the set twice.
   */
  load(
    path: readonly string[],
    entries: readonly ProfileEntry[],
    replace: boolean,
  ): PolicyResult<readonly ModelProfile[]> {
    const view = this.namespace(path);
    if (view === undefined) return refused("ENOENT", `no namespace ${path.join(levelSeparator)}`);
    const planned = planLoad(view, entries, replace);
    if (!planned.ok) return planned;
    const plan = planned.value;
    let namespace = plan.namespace;
    if (namespace === null) {
      const created = this.createNamespace([...path, plan.namespaceName]);
      if (!created.ok) return created;
      namespace = created.value;
    }
    namespace.directories = plan.directories;
    const into = namespace;
    const profiles = plan.entries.map((entry) => this.#insert(into, entry));
    this.#updateCompounds();
    return done(profiles);
  }

  #insert(namespace: ModelNamespace, { name, mode }: ReadEntry): ModelProfile {
    const profile = this.#newProfile(namespace, name, mode);
    const old = namespace.profiles.get(name);
    if (old !== undefined) old.label.redirect = profile.label;
    namespace.profiles.set(name, profile);
    return profile;
  }

  /**
   * As writing to .remove (__remove_profile): it and its children become the namespace's unconfined. ENOENT for an unknown
   * namespace or profile, one that was removed before and `unconfined`, which is on no list. The value is what went.
   */
  removeProfile(path: readonly string[], name: string): PolicyResult<readonly ModelProfile[]> {
    const namespace = this.namespace(path);
    if (namespace === undefined) return refused("ENOENT", `no namespace ${path.join(levelSeparator)}`);
    if (!namespace.profiles.has(name)) return refused("ENOENT", `no profile ${name}`);
    const gone = [...namespace.profiles.values()].filter(
      (profile) => profile.name === name || profile.name.startsWith(name + levelSeparator),
    );
    for (const profile of gone) {
      namespace.profiles.delete(profile.name);
      profile.label.redirect = namespace.unconfined.label;
    }
    this.#updateCompounds();
    return done(gone);
  }

  // Labels

  isStale(label: ModelLabel): boolean {
    return label.redirect !== null;
  }

  /** The label that took its place, and so on to one that is not stale; itself where it is not. */
  newest(label: ModelLabel): ModelLabel {
    let newest = label;
    while (newest.redirect !== null) newest = newest.redirect;
    return newest;
  }

  /** Labels that are not stale, in canonical order: every profile's own and all compounds that were asked for. */
  labels(): ModelLabel[] {
    const own = this.namespaces().flatMap(({ unconfined, profiles }) => [unconfined, ...profiles.values()]);
    return [...own.map((profile) => profile.label), ...this.#compounds.values()].sort((a, b) =>
      compareLabels(partsOf(a), partsOf(b)),
    );
  }

  /** The label of those parts in any order, created where nobody asked for it before. ENOENT for an unknown part. */
  findOrCreate(parts: readonly LabelPart[]): PolicyResult<ModelLabel> {
    const profiles: ModelProfile[] = [];
    for (const part of parts) {
      const profile = this.profile(part.namespace, part.profile);
      if (profile === undefined) return refused("ENOENT", `no profile ${printLabel([part])}`);
      profiles.push(profile);
    }
    if (profiles.length === 0) return refused("EINVAL", "a label has at least one profile");
    return done(this.#ofProfiles(profiles));
  }

  /** The label of those parts, or undefined: looks, and creates nothing (vec_find). */
  find(parts: LabelParts): ModelLabel | undefined {
    const first = parts[0];
    if (parts.length === 1 && first !== undefined) return this.profile(first.namespace, first.profile)?.label;
    return this.#compounds.get(partsKey(parts));
  }

  /** The newest label of the profiles of both (aa_label_merge). */
  merge(a: ModelLabel, b: ModelLabel): ModelLabel {
    return this.#ofProfiles([...this.newest(a).profiles, ...this.newest(b).profiles]);
  }

  /** Reads a label's text against this policy; errors of parseLabel. The base is the root's unconfined unless given. */
  parse(
    text: string,
    options: Omit<ParseOptions, "base" | "names"> & { readonly base?: ModelLabel } = {},
  ): PolicyResult<ModelLabel> {
    const base = partsOf(this.newest(options.base ?? this.root.unconfined.label));
    try {
      return this.findOrCreate(parseLabel(text, { ...options, base, names: this.names() }));
    } catch (error) {
      if (!(error instanceof LabelError)) throw error;
      return { ok: false, errno: error.errno, why: error.message, error };
    }
  }

  /** A label's text; its modes where `modes` is true. A stale label prints as it was. */
  print(
    label: ModelLabel,
    options: Omit<PrintOptions, "modeOf"> & { readonly modes?: boolean } = {},
  ): string {
    const { modes = false, ...rest } = options;
    if (!modes) return printLabel(partsOf(label), rest);
    const modeOf = (part: LabelPart): ProfileMode =>
      label.profiles.find((profile) => compareParts(partOf(profile), part) === 0)?.mode ?? "enforce";
    return printLabel(partsOf(label), { ...rest, modeOf });
  }

  /**
   * Names for parseLabel. As in the kernel, every beginning of `unconfined` finds it where no profile has that name:
   * aa_lookupn_profile compares no more characters than it is given.
   */
  names(): PolicyNames {
    return {
      namespacesIn: (path) => {
        const namespace = this.namespace(path);
        return namespace === undefined ? undefined : [...namespace.children.keys()];
      },
      profilesIn: (path) => [...(this.namespace(path)?.profiles.keys() ?? [])],
      resolve: (path, name) => {
        if (this.namespace(path)?.profiles.has(name) === true) return name;
        return name !== "" && unconfinedName.startsWith(name) ? unconfinedName : undefined;
      },
    };
  }

  /** Sorts, drops what is there twice, and finds or creates; a single profile has a label already. */
  #ofProfiles(profiles: readonly ModelProfile[]): ModelLabel {
    const sorted = [...profiles].sort((a, b) => compareParts(partOf(a), partOf(b)));
    const unique = sorted.filter((profile, index) => profile !== sorted[index - 1]);
    const [first] = unique;
    if (unique.length === 1 && first !== undefined) return first.label;
    const key = partsKey(unique.map(partOf));
    const found = this.#compounds.get(key);
    if (found !== undefined) return found;
    const label: ModelLabel = { id: ++this.#labels, profiles: unique, redirect: null };
    this.#compounds.set(key, label);
    return label;
  }

  /** Gives every compound with a stale part its successor, which may be a label of one profile. */
  #updateCompounds(): void {
    const stale = [...this.#compounds].filter(([, { profiles }]) =>
      profiles.some((profile) => profile.label.redirect !== null),
    );
    for (const [key] of stale) this.#compounds.delete(key);
    for (const [, label] of stale) {
      label.redirect = this.#ofProfiles(
        label.profiles.flatMap((profile) => this.newest(profile.label).profiles),
      );
    }
  }

  #newNamespace(name: string | null, parent: ModelNamespace | null): ModelNamespace {
    const namespace = new ModelNamespace(name, parent, (of) =>
      this.#newProfile(of, unconfinedName, "unconfined"),
    );
    if (parent !== null && name !== null) parent.children.set(name, namespace);
    return namespace;
  }

  #newProfile(namespace: ModelNamespace, name: string, mode: ProfileMode): ModelProfile {
    const profiles: ModelProfile[] = [];
    const label: ModelLabel = { id: ++this.#labels, profiles, redirect: null };
    const profile = { namespace, name, mode, label };
    profiles.push(profile);
    return profile;
  }
}
