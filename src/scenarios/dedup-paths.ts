/**
 * Paths below /proc as text, and as the numbers that `proc-dedup`'s program has for names. Thread 0, the leader, is process 4711 here.
 */
import {
  DedupAudit,
  DedupName,
  PathCell,
  PathStep,
  pathCells,
  pathSlots,
  What,
} from "../kernel/procfs/dedup/dedup-names.ts";
import { ProcEvent } from "../kernel/procfs/events.ts";
import type { ScenarioScript } from "./script.ts";

/** The leader's pid; that of thread n is n more. */
const firstPid = 4711;

const directories: Readonly<Record<string, number>> = {
  task: DedupName.task,
  fd: DedupName.fd,
  fdinfo: DedupName.fdinfo,
  ns: DedupName.ns,
  net: DedupName.net,
  attr: DedupName.attr,
};
/** What the first entries of some directories are called; `entry<n>` beyond. Others than these have the descriptors' numbers. */
const entries: Readonly<Record<string, readonly string[]>> = {
  ns: ["net", "uts", "ipc", "pid", "user", "mnt", "cgroup"],
  net: ["dev", "route", "tcp", "udp", "unix"],
  attr: ["current", "prev", "exec", "fscreate", "keycreate", "sockcreate"],
};
/** What the first other entries of a process's or thread's directory are called. */
const files = ["stat", "status", "cmdline", "maps"];

const at = (list: readonly string[], index: number): string => list[index] ?? `entry${index}`;

/** The numbers of an absolute path's components below /proc, root first. */
export function namesOfPath(path: string): readonly number[] {
  const [, ...components] = path.split("/").filter((part) => part !== "");
  return components.map((text, index) => {
    const before = components[index - 1];
    const named = entries[before ?? ""]?.indexOf(text) ?? -1;
    if (named >= 0) return named;
    const number = Number(text);
    if (Number.isInteger(number))
      return before === undefined || before === "task" ? number - firstPid : number;
    const name = directories[text] ?? DedupName.other + files.indexOf(text);
    if (name < DedupName.task || text === "") throw new RangeError(`${path}: nothing is called ${text}`);
    return name;
  });
}

/** The path of such numbers, root first. */
export function pathOfNames(names: readonly number[]): string {
  const components: string[] = [];
  for (const name of names) {
    const before = components.at(-1);
    const called = Object.entries(directories).find(([, number]) => number === name)?.[0];
    const list = entries[before ?? ""];
    if (called !== undefined) components.push(called);
    else if (name >= DedupName.other) components.push(at(files, name - DedupName.other));
    else if (list !== undefined) components.push(at(list, name));
    else components.push(String(before === undefined || before === "task" ? firstPid + name : name));
  }
  return ["/proc", ...components].join("/");
}

/** Records that look paths up, each into the slot of its index. */
export function addPaths(script: ScenarioScript, paths: readonly string[]): void {
  if (paths.length > pathSlots) throw new RangeError(`${paths.length} paths, room for ${pathSlots}`);
  paths.forEach((path, slot) => {
    const names = namesOfPath(path);
    names.forEach((name, index) => {
      const first = index === 0 ? PathStep.first : 0;
      const last = index === names.length - 1 ? PathStep.last : 0;
      script.add(ProcEvent.pathName, slot, name, first | last);
    });
  });
}

const counter = (slot: number, cell: number): string => `path ${slot}.${cell}`;

/** Counters of `audit` that tell what came of the first `count` slots. */
export function pathCounters(count: number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: count * pathCells }, (_, index) => [
      counter(Math.floor(index / pathCells), index % pathCells),
      DedupAudit.paths + index,
    ]),
  );
}

const isDirectory: ReadonlySet<number> = new Set([
  What.process,
  What.tasks,
  What.thread,
  What.fd,
  What.fdinfo,
  What.nsDirectory,
  What.netDirectory,
  What.attrDirectory,
]);

/** The path at which the look-up of a slot ended, with a `/` behind directories as AppArmor has it; undefined: there was none. */
export function pathInSlot(counters: Readonly<Record<string, number>>, slot: number): string | undefined {
  const cell = (index: number): number => counters[counter(slot, index)] ?? 0;
  const length = cell(PathCell.length);
  if (length === 0) return undefined;
  const names = Array.from({ length }, (_, index) => cell(PathCell.names + index)).reverse();
  return pathOfNames(names) + (isDirectory.has(cell(PathCell.what)) ? "/" : "");
}
