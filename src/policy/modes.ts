/**
 * Modes of profiles and what a label's text says about them.
 *
 * Names of aa_profile_mode_names in security/apparmor/policy.c (v6.6); how a compound's one word is found is
 * label_modename in label.c.
 */

/** What a profile can be set to. */
export const profileModes = ["enforce", "complain", "kill", "unconfined", "user"] as const;

export type ProfileMode = (typeof profileModes)[number];

/**
 * What can stand in parentheses: a mode, or `mixed` where the parts differ. `-` is never printed here; kernels without
 * dd2569fbb053 (2020) write it for labels whose profiles all have the mode `unconfined`.
 */
export const shownModes = [...profileModes, "mixed", "-"] as const;

export type ShownMode = (typeof shownModes)[number];

/**
 * The one word for the modes of a label's parts, given those that count: visible, and not the `unconfined` profile of a
 * namespace, which would make every stack over a namespace's border mixed.
 */
export function combineModes(modes: readonly ProfileMode[]): ShownMode {
  const first = modes[0];
  if (first === undefined) return "unconfined";
  return modes.every((mode) => mode === first) ? first : "mixed";
}
