/** Who looks everything up: all of one thread's directories, entry by entry. What is looked up stays in the dcache. */
import { type i32, load, type ptr } from "refplay/machine";
import { dput } from "../dcache.ts";
import { DedupName, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";
import { lookUp } from "./look-up.ts";
import { entriesOf, whatOf } from "./structure.ts";

/** /proc/<tid>, what is in it but for `task`. */
export function walkProcess(cpu: i32, tid: i32): void {
  const directory: ptr = lookUp(cpu, load(DedupGlobal.proc), tid);
  if (directory === 0) return;
  walkEntries(cpu, directory);
  dput(cpu, directory);
}

/** /proc/<tid>/task/<thread> for each thread, and what is in them; nothing but the link where `task` is one. */
export function walkTasks(cpu: i32, tid: i32): void {
  const directory: ptr = lookUp(cpu, load(DedupGlobal.proc), tid);
  if (directory === 0) return;
  const tasks: ptr = lookUp(cpu, directory, DedupName.task);
  if (tasks !== 0) {
    if (whatOf(tasks) === What.tasks) {
      const threads: i32 = load(DedupGlobal.threads);
      for (let thread: i32 = 0; thread < threads; thread += 1) {
        const own: ptr = lookUp(cpu, tasks, thread);
        if (own !== 0) {
          walkEntries(cpu, own);
          dput(cpu, own);
        }
      }
    }
    dput(cpu, tasks);
  }
  dput(cpu, directory);
}

/** The entries of a process's or a thread's directory: its directories with theirs, and the others. */
function walkEntries(cpu: i32, directory: ptr): void {
  walkNumbered(cpu, directory, DedupName.fd);
  walkNumbered(cpu, directory, DedupName.fdinfo);
  walkNumbered(cpu, directory, DedupName.ns);
  walkNumbered(cpu, directory, DedupName.net);
  walkNumbered(cpu, directory, DedupName.attr);
  const others: i32 = load(DedupGlobal.others);
  for (let other: i32 = 0; other < others; other += 1) visit(cpu, directory, DedupName.other + other);
}

/** A directory with numbered entries; nothing but the link where it is one: find does not follow it. */
function walkNumbered(cpu: i32, parent: ptr, name: i32): void {
  const directory: ptr = lookUp(cpu, parent, name);
  if (directory === 0) return;
  const count: i32 = entriesOf(whatOf(directory));
  for (let entry: i32 = 0; entry < count; entry += 1) visit(cpu, directory, entry);
  dput(cpu, directory);
}

function visit(cpu: i32, directory: ptr, name: i32): void {
  const dentry: ptr = lookUp(cpu, directory, name);
  if (dentry !== 0) dput(cpu, dentry);
}
