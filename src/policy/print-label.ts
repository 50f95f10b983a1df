/**
 * From a label's parts to its text, as somebody in some namespace sees it: one's own namespace is not written, namespaces
 * below are named from there, all others are hidden.
 *
 * Rules of aa_label_snxprint and aa_profile_snxprint (security/apparmor/label.c) and of aa_ns_visible and aa_ns_name
 * (policy_ns.c), v6.6. The prefix for absolute names that its debugging switch adds (FLAG_ABS_ROOT) is left out.
 */
import {
  type LabelPart,
  type LabelParts,
  levelSeparator,
  stackSeparator,
  unconfinedName,
} from "./label-parts.ts";
import { combineModes, type ProfileMode } from "./modes.ts";

/** What stands for a label of which nothing is visible (aa_hidden_ns_name). */
export const hiddenText = "---";

export interface PrintOptions {
  /** The namespace that looks, from the root; the root unless given. */
  readonly view?: readonly string[];
  /** Whether the namespaces below the view are visible (FLAG_VIEW_SUBNS); true unless given. */
  readonly subNamespaces?: boolean;
  /** Writes `unconfined` instead of `---` where nothing is visible (FLAG_HIDDEN_UNCONFINED, as for aa_getcon). */
  readonly hiddenAsUnconfined?: boolean;
  /** Adds the mode in parentheses (FLAG_SHOW_MODE); asked for visible parts other than a namespace's `unconfined`. */
  readonly modeOf?: (part: LabelPart) => ProfileMode;
}

/** Whether `namespace` is the view itself or, where those count, below it. */
export function isVisible(
  view: readonly string[],
  namespace: readonly string[],
  subNamespaces: boolean,
): boolean {
  if (!subNamespaces && namespace.length !== view.length) return false;
  return view.length <= namespace.length && view.every((name, level) => namespace[level] === name);
}

/** The text; parts are expected canonical and stay in their order. */
export function printLabel(parts: LabelParts, options: PrintOptions = {}): string {
  const { view = [], subNamespaces = true, hiddenAsUnconfined = false, modeOf } = options;
  const visible = parts.filter((part) => isVisible(view, part.namespace, subNamespaces));
  if (visible.length === 0) return hiddenAsUnconfined ? unconfinedName : hiddenText;
  let named = "";
  const texts = visible.map(({ namespace, profile }) => {
    const name = namespace.slice(view.length).join(levelSeparator);
    // A namespace is written once; names after it follow it until another one is written.
    if (name === "" || name === named) return profile;
    named = name;
    return `:${name}:${profile}`;
  });
  const label = texts.join(stackSeparator);
  const confined = visible.filter((part) => part.profile !== unconfinedName);
  if (modeOf === undefined || confined.length === 0) return label;
  return `${label} (${combineModes(confined.map(modeOf))})`;
}
