/**
 * How long names can be, and what they cannot hold.
 *
 * The label code has no limit of its own; three others apply (v6.6):
 * - every namespace and every profile is a directory of apparmorfs, and simple_lookup of fs/libfs.c answers ENAMETOOLONG
 *   to names of more than NAME_MAX bytes. A namespace's directory has its last name; a profile's has the last level of
 *   its name, mangled, a dot and a number (mangle_name and __aafs_profile_mkdir of security/apparmor/apparmorfs.c);
 * - a string of a binary policy has a 16-bit size that counts its closing NUL (aa_unpack_u16_chunk of policy_unpack.c);
 * - what is written to /proc/PID/attr/current is cut at one page (proc_pid_attr_write of fs/proc/base.c). That is the
 *   writer's limit and not the label's: nothing here holds it.
 */
import { levelSeparator } from "./label-parts.ts";

/** Bytes of a directory name: NAME_MAX of include/uapi/linux/limits.h. */
export const nameMaxBytes = 255;

/** Bytes of a profile's whole hierarchical name: 65,535 less the NUL. */
export const stringMaxBytes = 65_534;

/** Bytes of a text in UTF-8; a lone surrogate counts 3, as its replacement does. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** The last level of a hierarchical name, which the kernel calls the base name. */
export function lastLevel(name: string): string {
  return name.split(levelSeparator).at(-1) ?? "";
}

/**
 * Bytes of a profile's directory: leading `/` and `.` are dropped, letters, digits, blanks and `/._-` stay or change to
 * one byte, all else is dropped. `serial` is the profile's number in its namespace, from 0.
 */
export function directoryBytes(profile: string, serial: number): number {
  const mangled = lastLevel(profile)
    .replace(/^[/.]+/, "")
    .replace(/[^A-Za-z0-9\s/._-]/gu, "");
  return mangled.length + 1 + String(serial).length;
}

/** Why a name is too long, or undefined. `serial` as above; 0 asks whether any kernel could hold the name. */
export function profileTooLong(profile: string, serial: number = 0): string | undefined {
  const bytes = utf8Bytes(profile);
  if (bytes > stringMaxBytes) return `a profile's name has ${bytes} bytes`;
  const directory = directoryBytes(profile, serial);
  if (directory > nameMaxBytes) return `a profile's directory name has ${directory} bytes`;
  return undefined;
}

/** Why one level of a namespace's name is too long, or undefined. */
export function namespaceTooLong(name: string): string | undefined {
  const bytes = utf8Bytes(name);
  return bytes > nameMaxBytes ? `a namespace's name has ${bytes} bytes` : undefined;
}
