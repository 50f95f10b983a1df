/** Sets of profiles in a policy history: where their profiles go, and which of their faults the kernel finds by itself. */
import type { PolicyErrno } from "../policy/label-error.ts";
import { type LabelPart, levelSeparator } from "../policy/label-parts.ts";
import type { ProfileEntry } from "../policy/load-plan.ts";
import { splitFullName } from "../policy/splitting.ts";
import type { PlannedProfile } from "./planned-steps.ts";

/** Where the profiles of a set go: the namespace of the first that names one holds for those behind it. */
export function plannedSet(entries: readonly ProfileEntry[], view: readonly string[]): PlannedProfile[] {
  let followed: readonly string[] = view;
  return entries.map(({ name, mode = "enforce" }) => {
    const { namespace, profile } = splitFullName(name);
    if (namespace !== null) followed = [...view, namespace];
    return { part: { namespace: followed, profile: profile ?? "" }, mode };
  });
}

/** Whether all names could be those of something. */
export function isReadable(set: readonly { readonly part: LabelPart }[]): boolean {
  return set.every(({ part }) => ![...part.namespace, ...part.profile.split(levelSeparator)].includes(""));
}

/**
 * The errors of a load that the kernel finds by itself. It looks at one profile of a set after the other, at the names only when it
 * has all, and so would name another error where a set has several faults.
 */
export function kernelLoadErrors(set: readonly PlannedProfile[], namespaceIsNew: boolean): PolicyErrno[] {
  const namespaces = new Set(set.map(({ part }) => JSON.stringify(part.namespace)));
  const isTwice = new Set(set.map(({ part }) => JSON.stringify(part))).size < set.length;
  if (namespaces.size > 1) {
    const slash = set.some(({ part }) => part.namespace.at(-1)?.includes("/"));
    return slash || isTwice || namespaceIsNew ? [] : ["EACCES"];
  }
  if (namespaceIsNew) return isTwice ? [] : ["ENOENT"];
  if (isTwice) return ["EEXIST"];
  return set.length === 1 ? ["EEXIST", "ENOENT", "EPERM"] : ["EEXIST", "ENOENT"];
}
