/**
 * Looking profiles up by name, without any lock: under RCU, and with tryGet because the profile may be on its way out.
 */
import { type bool, type i32, type ptr, rcuReadLock, rcuReadUnlock } from "refplay/machine";
import { PolicyError, ScriptError } from "./audit.ts";
import { nameOf, nameProfile } from "./names.ts";
import { policyResult } from "./policy-result.ts";
import { profileLabel } from "./profile.ts";
import { labelTryGet } from "./reference.ts";
import { scriptError } from "./script-errors.ts";

/** The label of the unconfined profile with that name, which is there as long as its namespace is. Under the policy's mutex. */
export function labelOfUnconfined(index: i32): ptr {
  return profileLabel(nameProfile(nameOf(index)));
}

/**
 * The label of a profile without any reference, for a script that does not remove the profile meanwhile; 0 where there is
 * no such profile.
 */
export function listedLabel(index: i32): ptr {
  const name: ptr = nameOf(index);
  if (name === 0) return 0;
  const profile: ptr = nameProfile(name);
  if (profile === 0) return 0;
  return profileLabel(profile);
}

/**
 * Takes a reference to the label of profile `index` into `holder` (aa_lookup_profile). False where there is no such profile:
 * `PolicyError.noEntry`, and a script error where the index never was one.
 */
export function labelOfProfile(cpu: i32, holder: ptr, index: i32): bool {
  const name: ptr = nameOf(index);
  if (name === 0) {
    scriptError(cpu, ScriptError.badProfile);
    return false;
  }
  rcuReadLock();
  let profile: ptr = nameProfile(name);
  // One that is dying has left its name to another version, or to none, before.
  while (profile !== 0 && !labelTryGet(cpu, holder, profileLabel(profile))) profile = nameProfile(name);
  rcuReadUnlock();
  return policyResult(cpu, profile === 0 ? PolicyError.noEntry : PolicyError.done);
}
