/** Offsets of a task, apart from what is done with them: creds are counted in tasks, and tasks have creds. */
import { layoutBytes } from "refplay/machine";

/** Offsets of a task (struct task_struct). The strategies' bytes come first, see `taskStrategy`. */
export enum Task {
  strategies = 0,
  /** The task's cred, which the task bears; 0 where it is dead. */
  cred = layoutBytes("task"),
  /** The CPU that runs the task, plus 1; 0 where none does. */
  cpu = cred + 8,
  /** Table of file addresses. */
  descriptors = cred + 16,
  /** Only with option `creds` = 1: counts of its own cred that the task took, less those it dropped; see `cred-count.ts`. */
  credCounts = cred + 24,
  /** Holder of the label to go back to from a hat (aa_task_ctx.previous); empty where the task is in none. */
  previous = cred + 32,
}
