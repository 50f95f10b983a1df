/**
 * Which AppArmor rules a symbolic link below /proc breaks: a rule names the path that a program opens, and the kernel matches the
 * one that the look-up ends at. Rules as shipped profiles have them, matched by the globs of apparmor.d(5).
 */
import type { DedupVariant } from "./dedup-counts.ts";

/** A rule, where it is from, and what is opened by it. */
export interface PathRule {
  readonly rule: string;
  readonly from: string;
  readonly opens: string;
}

/** Process 4711 with thread 4712. */
const [pid, tid] = [4711, 4712];

export const pathRules: readonly PathRule[] = [
  {
    rule: "@{PROC}/@{pid}/fdinfo/* r",
    from: "snapd's template of snap profiles",
    opens: `/proc/${pid}/fdinfo/8`,
  },
  { rule: "@{PROC}/@{pid}/fd/ r", from: "libvirt, Chromium and others", opens: `/proc/${pid}/fd/` },
  { rule: "@{PROC}/@{pid}/fd/[0-9]* w", from: "Chromium's snap", opens: `/proc/${pid}/fd/3` },
  { rule: "@{PROC}/@{pid}/net/dev r", from: "libvirt", opens: `/proc/${pid}/net/dev` },
  {
    rule: "@{PROC}/@{pid}/attr/current r",
    from: "abstractions/apparmor_api",
    opens: `/proc/${pid}/attr/current`,
  },
  { rule: "@{PROC}/@{pid}/stat r", from: "many", opens: `/proc/${pid}/stat` },
  { rule: "@{PROC}/@{pid}/task/@{tid}/stat r", from: "browsers", opens: `/proc/${pid}/task/${tid}/stat` },
  {
    rule: "@{PROC}/@{pid}/task/@{tid}/fdinfo/* r",
    from: "written for this table",
    opens: `/proc/${pid}/task/${tid}/fdinfo/8`,
  },
  { rule: "@{PROC}/@{pid}/** r", from: "wide profiles", opens: `/proc/${pid}/fdinfo/8` },
  {
    rule: "@{PROC}/@{tid}/task/@{tid}/stat r",
    from: "written for this table",
    opens: `/proc/${tid}/task/${tid}/stat`,
  },
];

/** Where a look-up of an absolute path below /proc/<pid> ends; the process is `pid`, and all share its descriptor table. */
export function resolvedPath(variant: DedupVariant, path: string): string {
  const shared = /^(?:fd|fdinfo)(?:\/|$)/;
  const ofThread = /^(?:fd|fdinfo|ns|net|attr)(?:\/|$)/;
  const parts = /^\/proc\/(\d+)\/(?:task\/(\d+)\/)?(.*)$/.exec(path);
  if (parts === null) return path;
  const [, process, thread, rest = ""] = parts;
  const links = ["copies", "hard-link"].includes(variant) ? 0 : variant === "symlink-task" ? 1 : 2;
  if (links === 0) return path;
  if (variant === "symlink-tgid") {
    // All ways lead to the leader's thread directory; what a thread has to itself to its own.
    if (shared.test(rest)) return `/proc/${pid}/task/${pid}/${rest}`;
    if (thread === undefined && ofThread.test(rest)) return `/proc/${pid}/task/${process}/${rest}`;
  }
  if (variant === "symlink-files" && shared.test(rest)) return `/proc/${pid}/${rest}`;
  return thread === undefined ? path : `/proc/${pid}/task/${thread}/${rest}`;
}

/** Whether a rule allows a path. */
export function ruleMatches(rule: string, path: string): boolean {
  const [glob = ""] = rule.split(" ");
  const expanded = glob.replaceAll("@{PROC}/", "/proc/").replaceAll(/@\{(?:pid|pids|tid)\}/g, "<id>");
  const source = expanded.replaceAll(/<id>|\*\*|\*|\?|\[[^\]]*\]|[.+^${}()|\\]/g, (token) => {
    if (token === "<id>") return "[1-9][0-9]{0,6}";
    if (token === "**") return ".+";
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    return token.startsWith("[") ? token : `\\${token}`;
  });
  return new RegExp(`^${source}$`).test(path);
}

/** The rules that no longer allow what they are there for. */
export function brokenRules(variant: DedupVariant): readonly PathRule[] {
  return pathRules.filter(({ opens, rule }) => !ruleMatches(rule, resolvedPath(variant, opens)));
}
