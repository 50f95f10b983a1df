/** Where symbolic links below /proc lead: proc_pid_get_link of the links that the variants put in place of directories. */
import { type bool, type i32, load, type ptr } from "refplay/machine";
import { dput, pidOfDentry } from "../dcache.ts";
import { Dentry } from "../dcache-layout.ts";
import { Pid } from "../tasks.ts";
import { DedupName, What } from "./dedup-names.ts";
import { DedupGlobal } from "./globals.ts";
import { lookUp } from "./look-up.ts";
import { whatOf } from "./structure.ts";

/** Links in a row that are followed; the kernel has 40 for a whole path. */
const mostLinks: i32 = 8;

/** The entry of a directory, with a reference; the one to the directory is put. 0 where there is no such entry, or no directory. */
export function into(cpu: i32, directory: ptr, name: i32): ptr {
  if (directory === 0) return 0;
  const entry: ptr = lookUp(cpu, directory, name);
  dput(cpu, directory);
  return entry;
}

/** What a dentry leads to, with a reference; the one to the dentry is put. Itself where it is no link, 0 where that leads nowhere. */
export function follow(cpu: i32, dentry: ptr): ptr {
  let at: ptr = dentry;
  for (let hops: i32 = 0; at !== 0 && isLink(whatOf(at)); hops += 1) {
    const target: ptr = hops < mostLinks ? targetOf(cpu, at) : 0;
    dput(cpu, at);
    at = target;
  }
  return at;
}

function isLink(what: i32): bool {
  return (what >= What.taskLink && what <= What.fdinfoLink) || (what >= What.nsLink && what <= What.attrLink);
}

/** What stands where a link points to, a link perhaps. */
function targetOf(cpu: i32, link: ptr): ptr {
  const name: i32 = load(link + Dentry.name);
  const parent: ptr = load(link + Dentry.parent);
  const pid: ptr = pidOfDentry(link);
  const leader: ptr = lookUp(cpu, load(DedupGlobal.proc), 0);
  // A thread directory's: ../../fd, the leader's. /proc/<tid>/task: ../<tgid>/task.
  if (name === DedupName.task || whatOf(parent) === What.thread) return into(cpu, leader, name);
  // /proc/<tid>/fd: ../<tgid>/task/<tid>/fd.
  const own: ptr = into(cpu, into(cpu, leader, DedupName.task), load(pid + Pid.number));
  return into(cpu, own, name);
}
