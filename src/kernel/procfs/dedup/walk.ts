/** Who looks everything up: all of one thread's directories, entry by entry. What is looked up stays in the dcache. */
import { type i32, load, type ptr } from "refplay/machine";
import { dput } from "../dcache.ts";
import { Dentry, Inode } from "../dcache-layout.ts";
import { DedupName, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";
import { lookUp } from "./look-up.ts";

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
    const inode: ptr = load(tasks + Dentry.inode);
    if (load(inode + Inode.what) === What.tasks) {
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

/** The entries of a process's or a thread's directory: fd and fdinfo with theirs, and the others. */
function walkEntries(cpu: i32, directory: ptr): void {
  walkFiles(cpu, directory, DedupName.fd);
  walkFiles(cpu, directory, DedupName.fdinfo);
  const others: i32 = load(DedupGlobal.others);
  for (let other: i32 = 0; other < others; other += 1) visit(cpu, directory, DedupName.other + other);
}

function walkFiles(cpu: i32, directory: ptr, name: i32): void {
  const files: ptr = lookUp(cpu, directory, name);
  if (files === 0) return;
  const inode: ptr = load(files + Dentry.inode);
  const what: i32 = load(inode + Inode.what);
  if (what === What.fd || what === What.fdinfo) {
    const count: i32 = load(DedupGlobal.files);
    for (let file: i32 = 0; file < count; file += 1) visit(cpu, files, file);
  }
  dput(cpu, files);
}

function visit(cpu: i32, directory: ptr, name: i32): void {
  const dentry: ptr = lookUp(cpu, directory, name);
  if (dentry !== 0) dput(cpu, dentry);
}
