/**
 * A history of policy as people write it in a config: one step after the other, each a mapping with one key that says what is
 * done, and the names as texts. A name that is wrong is no mistake of the config: the step's verdict says so.
 */
import { z } from "zod";
import { profileModes } from "../policy/modes.ts";

const profileEntry = z.strictObject({
  name: z.string().describe("`name`, or `:ns:name` with a namespace below `in`"),
  mode: z.enum(profileModes).default("enforce").describe("the profile's mode"),
  hat: z.boolean().optional().describe("whether a child is a hat; otherwise its name decides"),
});

const profileSet = z
  .union([z.string(), profileEntry, z.array(z.union([z.string(), profileEntry])).min(1)])
  .describe("a profile, or a list of them that is loaded whole or not at all");

/** What a step may do, with what. */
const actions = {
  create: z.string().describe("creates a namespace: `lxd-c1`, `lxd-c1//inner`"),
  destroy: z.string().describe("destroys a namespace; an empty text is the root"),
  load: profileSet.describe("loads profiles that are not there yet"),
  replace: profileSet.describe("loads new versions, or what is not there yet"),
  remove: z.string().describe("removes a profile and its children; `:ns:` destroys the namespace"),
  change: z.string().describe("the task's label becomes this one (aa_change_profile)"),
  stack: z.string().describe("the task's label becomes its own and this one, together (aa_stack_profile)"),
  hat: z
    .union([z.string(), z.null()])
    .describe("the task enters a hat of its profile (aa_change_hat); nothing: it leaves the hat"),
  label: z.string().describe("reads a label's text, makes the label and keeps it; the first one is label 1"),
  drop: z.int().min(1).max(10_000).describe("drops the label that this many `label` steps came up to"),
  open: z.int().min(0).max(255).describe("the task opens a file under this descriptor"),
  close: z.int().min(0).max(255).describe("the task closes this descriptor"),
};

/** Keys of which a step has exactly one. */
export const stepActions = Object.keys(actions) as (keyof typeof actions)[];

const takesNamespace: readonly string[] = ["load", "replace", "remove"];

export const policyStep = z
  .strictObject({
    ...z.strictObject(actions).partial().shape,
    in: z
      .string()
      .optional()
      .describe(
        "of load, replace and remove: the namespace whose policy is written to; the root's unless given",
      ),
  })
  .superRefine((step, context) => {
    const given = stepActions.filter((action) => step[action] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? "none" : given.join(" and ");
      context.addIssue({
        code: "custom",
        message: `a step has one of ${stepActions.join(", ")}; this one has ${found}`,
      });
    } else if (step.in !== undefined && !takesNamespace.includes(given[0] ?? "")) {
      context.addIssue({
        code: "custom",
        path: ["in"],
        message: `\`in\` goes with ${takesNamespace.join(", ")}`,
      });
    }
  });

export type PolicyStepInput = z.infer<typeof policyStep>;

export const policyParameters = z.strictObject({
  steps: z.array(policyStep).min(1).max(10_000).describe("the history, one step after the other"),
});

export type PolicyParameters = z.infer<typeof policyParameters>;

/** Characters of a step that results show; names may have thousands. */
const shownLength = 160;

/** A step as results show it: `load :web:nginx`, `replace a + b, in lxd-c1`. */
export function stepText(step: PolicyStepInput): string {
  const action = stepActions.find((name) => step[name] !== undefined);
  if (action === undefined) return "nothing";
  const place = step.in === undefined ? "" : `, in ${step.in}`;
  const text = `${action} ${valueText(step[action])}${place}`.trimEnd();
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}...`;
}

function valueText(value: unknown): string {
  if (value === null) return "(leave)";
  if (Array.isArray(value)) return value.map(valueText).join(" + ");
  if (typeof value === "object") {
    const { name, mode } = value as z.infer<typeof profileEntry>;
    return mode === "enforce" ? name : `${name} (${mode})`;
  }
  const text = String(value);
  return text.trim() === "" ? JSON.stringify(text) : text;
}
