/**
 * What a label is once its text is out of the way: a list of profiles, each with its namespace, in the one order in which
 * the kernel keeps them. Two texts name the same label exactly when their canonical parts are equal.
 *
 * The order is that of ns_cmp, profile_cmp and vec_cmp of security/apparmor/label.c (v6.6): first the namespace's depth,
 * then its name, then the profile's name, bytes compared as strcmp does.
 */

/** One profile of a label. */
export interface LabelPart {
  /** Namespaces from the root's child down; empty is the root namespace, whose own name (`root`) is never written. */
  readonly namespace: readonly string[];
  /** Hierarchical name: `/usr/sbin/sshd`, `/usr/sbin/sshd//passwd`. */
  readonly profile: string;
}

/** A label; canonical wherever a function of this folder returns it: sorted, no part twice, at least one part. */
export type LabelParts = readonly LabelPart[];

/** The profile that every namespace has from the start and that is on no list (alloc_ns in policy_ns.c). */
export const unconfinedName = "unconfined";

/** What separates the parts of a label's text. */
export const stackSeparator = "//&";

/** What separates the levels of a profile's and of a namespace's name. */
export const levelSeparator = "//";

/**
 * Like strcmp on UTF-8: below 0, 0 or above 0. JavaScript compares UTF-16 units, which puts U+FFFF after U+10000; UTF-8
 * bytes have the order of the code points.
 */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done === true) return y.done === true ? 0 : -1;
    if (y.done === true) return 1;
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

/** Namespaces by depth, then by their hierarchical name; all names begin alike, so the common part is left out. */
export function compareNamespaces(a: readonly string[], b: readonly string[]): number {
  if (a.length !== b.length) return a.length - b.length;
  return compareNames(a.join(levelSeparator), b.join(levelSeparator));
}

/** Parts by namespace, then by profile. */
export function compareParts(a: LabelPart, b: LabelPart): number {
  return compareNamespaces(a.namespace, b.namespace) || compareNames(a.profile, b.profile);
}

/** Labels part by part; of two labels that agree as far as the shorter goes, the shorter is first. */
export function compareLabels(a: LabelParts, b: LabelParts): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Sorted and without repetitions (aa_vec_unique). RangeError for no parts: a label has at least one. */
export function canonicalParts(parts: readonly LabelPart[]): LabelParts {
  if (parts.length === 0) throw new RangeError("a label has at least one profile");
  const sorted = [...parts].sort(compareParts);
  return sorted.filter((part, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareParts(before, part) !== 0;
  });
}

/** The namespace a label belongs to, whose set of labels keeps it: that of its last part (labels_ns in include/label.h). */
export function namespaceOf(parts: LabelParts): readonly string[] {
  return parts[parts.length - 1]?.namespace ?? [];
}

/** The label of a task that nothing confines. */
export const rootUnconfined: LabelParts = [{ namespace: [], profile: unconfinedName }];

/** A text that is equal for equal parts; for maps, not for people. */
export function partsKey(parts: LabelParts): string {
  return JSON.stringify(parts.map(({ namespace, profile }) => [...namespace, profile]));
}
