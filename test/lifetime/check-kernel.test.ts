/**
 * What the kernel-level programs are there for: a mistake in the kernel's own code, not in a strategy, is found by the program
 * that runs into it. Each case is the kernel with one place of its source changed, checked with kref.
 */
import { describe, expect, it } from "vitest";
import { prepareCheck, runCheck } from "../../src/checks/index.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import type { SourceHost } from "../../src/link/source-host.ts";
import { builtin } from "../conformance/support.ts";
import { programNamed, told } from "./checks.ts";

interface Mistake {
  readonly title: string;
  readonly file: string;
  /** Replaced texts and what comes in their place. */
  readonly changes: readonly (readonly [string, string])[];
  readonly program: string;
  readonly bounds?: Readonly<Record<string, number>>;
  readonly verdict: string;
}

const mistakes: readonly Mistake[] = [
  {
    title: "the reference to the newest version is not dropped",
    file: "hooks.ts",
    changes: [["  if (label !== own) labelPut(cpu, temporary(cpu), label);", ""]],
    program: "open-close-vs-remove",
    bounds: { tasks: 1 },
    verdict: "leak",
  },
  {
    title: "a file takes no count of its opener's cred",
    file: "file.ts",
    changes: [["  credGet(task, cred);\n", ""]],
    program: "open-vs-change-profile",
    verdict: "use-after-free",
  },
  {
    title: "a task that exits forgets what it counted of its cred",
    file: "task.ts",
    changes: [["  credLeave(cred, counts);", "  credLeave(cred, 0);"]],
    program: "pass-file-task-creds",
    verdict: "use-after-free",
  },
  {
    title: "a file that was passed on is dropped by its closer from the closer's own cred",
    file: "cred-count.ts",
    changes: [["    if (own === cred) {", "    if (own !== 0) {"]],
    program: "pass-file-task-creds",
    verdict: "leak",
  },
  {
    title: "the label that a look-up found is taken to be alive",
    file: "profile-list.ts",
    changes: [
      ["import { labelTryGet }", "import { labelGet }"],
      [
        "while (profile !== 0 && !labelTryGet(cpu, holder, profileLabel(profile))) profile = nameProfile(name);",
        "if (profile !== 0) labelGet(cpu, holder, profileLabel(profile));",
      ],
    ],
    program: "last-put-vs-look-up",
    verdict: "premature-release",
  },
  {
    title: "a look-up has no read section",
    file: "profile-list.ts",
    changes: [
      ["  rcuReadLock();\n", ""],
      ["  rcuReadUnlock();\n", ""],
    ],
    program: "last-put-vs-look-up",
    verdict: "use-after-free",
  },
  {
    title: "a message has no count of its file",
    file: "system-calls.ts",
    changes: [["  fileGet(file);\n  channelSend", "  channelSend"]],
    program: "pass-file",
    verdict: "use-after-free",
  },
  {
    title: "receivers do not exclude each other",
    file: "channel.ts",
    changes: [
      ["spinLock(channel + Channel.lock);\n    const received", "const received"],
      ["spinLock(channel + Channel.lock);\n    const sent", "const sent"],
    ],
    program: "pass-file",
    bounds: { receivers: 2 },
    verdict: "use-after-free",
  },
  {
    title: "a child's descriptors have no counts of their files",
    file: "descriptors.ts",
    changes: [["    fileGet(file);\n", ""]],
    program: "fork-exit",
    verdict: "use-after-free",
  },
  {
    title: "a task that exits leaves its files open",
    file: "task.ts",
    changes: [["  closeAll(cpu, task, descriptorsOf(task));\n", ""]],
    program: "exit-vs-remove",
    verdict: "leak",
  },
  {
    title: "a file's count goes down in two steps",
    file: "file.ts",
    changes: [
      [
        "const before: i32 = fetchAdd(file + File.count, -1);",
        "const before: i32 = load(file + File.count);\n  store(file + File.count, before - 1);",
      ],
    ],
    program: "permission-vs-close",
    verdict: "leak",
  },
  {
    title: "a label is stale before its proxy leads to another",
    file: "label.ts",
    changes: [
      ["    proxyRedirect(cpu, spare, proxy, fresh);\n", ""],
      [
        "    storeRelease(old + Label.flags, flags | LabelFlags.stale);\n",
        "    storeRelease(old + Label.flags, flags | LabelFlags.stale);\n    proxyRedirect(cpu, spare, proxy, fresh);\n",
      ],
    ],
    program: "secid-vs-remove",
    verdict: "assertion",
  },
  {
    title: "removals do not exclude each other",
    file: "policy.ts",
    changes: [
      ["  mutexLock(KernelGlobal.policyLock);\n", ""],
      ["  mutexUnlock(KernelGlobal.policyLock);\n", ""],
    ],
    program: "two-removals",
    verdict: "assertion",
  },
  {
    title: "a task's label is looked at without a read section",
    file: "hooks.ts",
    changes: [
      ["  rcuReadLock();\n", ""],
      ["  rcuReadUnlock();\n", ""],
    ],
    program: "signal-vs-change-rwlock",
    verdict: "use-after-free",
  },
  {
    title: "a compound that comes too late to be a successor stays an owner of the proxy",
    file: "label.ts",
    changes: [["    proxyDisown(shared);\n", ""]],
    program: "replace-vs-merge-rwlock",
    bounds: { kept: 1 },
    verdict: "leak",
  },
  {
    title: "who cannot append a label to the list forgets the one that it was to displace",
    file: "label-set/rcu-list-set.ts",
    changes: [["      if (!appended) dropDisplaced(cpu, holder);\n", ""]],
    program: "replace-vs-merge-rcu-list",
    bounds: { kept: 1 },
    verdict: "leak",
  },
  {
    title: "who makes a compound of a dying profile leaves the section that found it",
    file: "compound.ts",
    changes: [
      [
        "  if (fresh === again) return fresh;\n",
        "  if (fresh === again) {\n    rcuReadUnlock();\n    rcuReadLock();\n    return fresh;\n  }\n",
      ],
    ],
    program: "replace-vs-merge-rwlock",
    bounds: { times: 2 },
    verdict: "use-after-free",
  },
];

/** The package's sources but for the mistake. */
function withMistake({ file, changes }: Mistake): SourceHost {
  const host = nodeHost(packageRoot);
  return {
    ...host,
    read(path) {
      const text = host.read(path);
      if (text === undefined || !path.endsWith(`src/kernel/${file}`)) return text;
      return changes.reduce((changed, [from, to]) => {
        if (!changed.includes(from)) throw new Error(`${file} has no longer: ${from}`);
        return changed.replace(from, to);
      }, text);
    },
  };
}

describe("mistakes in the kernel", () => {
  it.each(mistakes.map((mistake) => [mistake.title, mistake] as const))(
    "%s",
    async (_title, mistake) => {
      const { program, bounds = {}, verdict } = mistake;
      const prepared = prepareCheck(
        programNamed(program),
        builtin("kref"),
        { model: "sc", bounds },
        withMistake(mistake),
      );
      const report = await runCheck(prepared);
      expect(report.verdict, told(report)).toBe(verdict);
    },
    120_000,
  );
});
