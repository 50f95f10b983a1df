/** All programs of the catalogue, in the order in which they are listed and checked. Names are unique. */
import { barePrograms } from "./bare.ts";
import { bugPrograms } from "./bugs.ts";
import { hookPrograms } from "./hooks.ts";
import { credHookPrograms } from "./hooks-creds.ts";
import { policyPrograms } from "./hooks-policy.ts";
import type { CheckProgram } from "./types.ts";

export const checkPrograms: readonly CheckProgram[] = [
  ...barePrograms,
  ...hookPrograms,
  ...credHookPrograms,
  ...policyPrograms,
  ...bugPrograms,
];
