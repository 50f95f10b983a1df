/** The program of `proc-dedup` with a look-up that meets the end of its thread between two steps, for the tests of its modules. */
import type { ProgramMeta } from "refplay/kernel";
import { type i32, load, type ptr } from "refplay/machine";
import { dput, pidOfDentry } from "../../src/kernel/procfs/dcache.ts";
import { DedupName, What } from "../../src/kernel/procfs/dedup/dedup-names.ts";
import { exitThread } from "../../src/kernel/procfs/dedup/exit.ts";
import { into } from "../../src/kernel/procfs/dedup/follow.ts";
import { DedupGlobal } from "../../src/kernel/procfs/dedup/globals.ts";
import { lookUp, makeFor } from "../../src/kernel/procfs/dedup/look-up.ts";
import { pidGet, pidPut } from "../../src/kernel/procfs/tasks.ts";

export { runCallback } from "../../src/kernel/procfs/callbacks.ts";
export { audit, boot, dismantle } from "../../src/kernel/procfs/dedup/program.ts";

/** Looks up descriptor 0 in thread 1's `fd` below the leader; the thread exits behind the test whether it lives. 1: got a name. */
export function lateLookUp(): i32 {
  const leader: ptr = lookUp(0, load(DedupGlobal.proc), 0);
  const thread: ptr = into(0, into(0, leader, DedupName.task), 1);
  const directory: ptr = into(0, thread, DedupName.fd);
  const pid: ptr = pidOfDentry(directory);
  pidGet(pid);
  exitThread(0, 1);
  const made: ptr = makeFor(0, directory, 0, pid, What.file);
  if (made !== 0) dput(0, made);
  pidPut(0, pid);
  dput(0, directory);
  return made === 0 ? 0 : 1;
}

export default {
  options: {
    links: { unit: "number", default: 0, min: 0, max: 3, doc: "As in the program of proc-dedup." },
    hardLinks: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    lockTimes: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    wholeEviction: { unit: "0/1", default: 1, min: 0, max: 1, doc: "As in the program of proc-dedup." },
    eventMarks: { unit: "0/1", default: 0, min: 0, max: 1, doc: "As in the program of proc-dedup." },
  },
} satisfies ProgramMeta;
