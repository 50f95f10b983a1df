/**
 * The checks of a load, before anything changes: what aa_unpack and the first half of aa_replace_profiles do
 * (security/apparmor/policy_unpack.c, policy.c, v6.6).
 */
import { levelSeparator, unconfinedName } from "./label-parts.ts";
import type { ProfileMode } from "./modes.ts";
import { profileTooLong, stringMaxBytes, utf8Bytes } from "./name-limits.ts";
import { done, type ModelNamespace, type PolicyResult, refused } from "./policy-objects.ts";
import { splitFullName } from "./splitting.ts";

/** A profile to be loaded: `name`, or `:ns:name` with the namespace relative to where it is loaded. */
export interface ProfileEntry {
  readonly name: string;
  /** `enforce` unless given. */
  readonly mode?: ProfileMode;
}

/** An entry whose name has been read. */
export interface ReadEntry {
  readonly namespace: string | null;
  readonly name: string;
  readonly mode: ProfileMode;
}

/**
 * Reads an entry's name. EPROTO for an empty one or one longer than a string of a binary policy (policy_unpack.c); EPERM
 * for `unconfined` (FLAG_IMMUTIBLE); EINVAL, of this model alone, for names that policy.c's head comment rules out and
 * those that a label's text could not be read back from: they begin with `:`, `@`, `^`, `&` or a blank, or hold a NUL or
 * a separator of parts.
 */
export function readEntry({ name: text, mode = "enforce" }: ProfileEntry): PolicyResult<ReadEntry> {
  const { namespace, profile } = splitFullName(text);
  if (profile === null) return refused("EPROTO", "a profile has no name");
  if (profile === unconfinedName) return refused("EPERM", "`unconfined` cannot be replaced");
  if (/^[:@^&]|\0|[^/]\/\/&/.test(profile)) {
    return refused("EINVAL", `\`${profile}\` cannot be told from other parts of a label`);
  }
  if (utf8Bytes(profile) > stringMaxBytes) {
    return refused("EPROTO", "a profile's name does not fit a string of a binary policy");
  }
  return done({ namespace, name: profile, mode });
}

/** A load that nothing but a bad namespace name can stop. */
export interface LoadPlan {
  /** Where the profiles go; null for a namespace of `namespaceName` that is to be created first. */
  readonly namespace: ModelNamespace | null;
  readonly namespaceName: string;
  readonly entries: readonly ReadEntry[];
  /** The namespace's directories afterwards. */
  readonly directories: number;
}

/** Checks a set of profiles that is loaded from `view`; the errors are listed at PolicyModel.load. */
export function planLoad(
  view: ModelNamespace,
  entries: readonly ProfileEntry[],
  replace: boolean,
): PolicyResult<LoadPlan> {
  const read: ReadEntry[] = [];
  for (const entry of entries) {
    const result = readEntry(entry);
    if (!result.ok) return result;
    read.push(result.value);
  }
  if (mixedNamespaces(read)) return refused("EACCES", "a set of profiles has several namespaces");
  const namespaceName = read[0]?.namespace ?? null;
  // A slash cannot be in a directory's name: lookup_one_len answers EACCES.
  if (namespaceName?.includes("/") === true) {
    return refused("EACCES", `namespace \`${namespaceName}\` has a slash`);
  }
  const namespace = namespaceName === null ? view : (view.children.get(namespaceName) ?? null);
  const known = new Set(namespace?.profiles.keys());
  const inSet = new Set(read.map((entry) => entry.name));
  if (inSet.size !== read.length) return refused("EEXIST", "a profile is in the set twice");
  let directories = namespace?.directories ?? 0;
  for (const { name } of read) {
    if (known.has(name)) {
      if (!replace) return refused("EEXIST", `profile ${name} exists`);
      continue;
    }
    const orphan = missingParent(name, known, inSet);
    if (orphan !== undefined) return refused("ENOENT", `profile ${name} has no parent ${orphan}`);
    const tooLong = profileTooLong(name, directories++);
    if (tooLong !== undefined) return refused("ENAMETOOLONG", tooLong);
  }
  return done({ namespace, namespaceName: namespaceName ?? "", entries: read, directories });
}

/** Whether a set names two namespaces, or has a profile of none before one of some (aa_replace_profiles). */
function mixedNamespaces(entries: readonly ReadEntry[]): boolean {
  const first = entries.findIndex((entry) => entry.namespace !== null);
  if (first < 0) return false;
  const name = entries[first]?.namespace;
  return first > 0 || entries.some((entry) => entry.namespace !== null && entry.namespace !== name);
}

/** The first level above a name that is neither loaded nor in the set; levels are looked up from the top. */
function missingParent(
  name: string,
  known: ReadonlySet<string>,
  inSet: ReadonlySet<string>,
): string | undefined {
  const levels = name.split(levelSeparator);
  if (levels.includes("")) return "with an empty name";
  for (let depth = 1; depth < levels.length; depth++) {
    const parent = levels.slice(0, depth).join(levelSeparator);
    if (!known.has(parent) && !inSet.has(parent)) return parent;
  }
  return undefined;
}
