/**
 * Which AppArmor rules a symbolic link below /proc breaks: a rule names the path that a program opens, and the kernel matches the
 * one that the look-up ends at. Rules as shipped profiles have them, matched by the globs of apparmor.d(5). Where a look-up ends is
 * told by the structure that `proc-dedup` builds.
 */
/** A rule, where it is from, and what is opened by it. */
export interface PathRule {
  readonly rule: string;
  readonly from: string;
  readonly opens: string;
}

/** Process 4711 with thread 4712, as in `dedup-paths.ts`. */
const [pid, tid] = [4711, 4712];

export const pathRules: readonly PathRule[] = [
  {
    rule: "@{PROC}/@{pid}/fdinfo/* r",
    from: "snapd's template of snap profiles",
    opens: `/proc/${pid}/fdinfo/0`,
  },
  { rule: "@{PROC}/@{pid}/fd/ r", from: "libvirt, Chromium and others", opens: `/proc/${pid}/fd/` },
  { rule: "@{PROC}/@{pid}/fd/[0-9]* w", from: "Chromium's snap", opens: `/proc/${pid}/fd/0` },
  { rule: "@{PROC}/@{pid}/net/dev r", from: "libvirt", opens: `/proc/${pid}/net/dev` },
  {
    rule: "@{PROC}/@{pid}/attr/current r",
    from: "abstractions/apparmor_api",
    opens: `/proc/${pid}/attr/current`,
  },
  { rule: "@{PROC}/@{pid}/ns/ r", from: "written for this table", opens: `/proc/${pid}/ns/` },
  { rule: "@{PROC}/@{pid}/stat r", from: "many", opens: `/proc/${pid}/stat` },
  { rule: "@{PROC}/@{pid}/task/@{tid}/stat r", from: "browsers", opens: `/proc/${pid}/task/${tid}/stat` },
  {
    rule: "@{PROC}/@{pid}/task/@{tid}/fdinfo/* r",
    from: "written for this table",
    opens: `/proc/${pid}/task/${tid}/fdinfo/0`,
  },
  { rule: "@{PROC}/@{pid}/** r", from: "wide profiles", opens: `/proc/${pid}/fdinfo/0` },
  {
    rule: "@{PROC}/@{tid}/task/@{tid}/stat r",
    from: "written for this table",
    opens: `/proc/${tid}/task/${tid}/stat`,
  },
];

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

/** A rule that does not allow what it is there for, and the path that it was held against. */
export interface BrokenRule extends PathRule {
  readonly resolved: string;
}

/**
 * The rules that no longer allow what they are there for.
 * @param resolved where the look-up of each rule's path ended, in their order; undefined where there is no such path: nothing is said of that rule
 */
export function brokenRules(resolved: readonly (string | undefined)[]): readonly BrokenRule[] {
  return pathRules.flatMap((rule, index) => {
    const path = resolved[index];
    return path === undefined || ruleMatches(rule.rule, path) ? [] : [{ ...rule, resolved: path }];
  });
}
