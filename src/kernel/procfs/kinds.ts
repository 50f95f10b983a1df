/**
 * What heap objects of the procfs scenarios are. They have programs of their own, without labels, so that numbers may mean
 * something else than in `core/kinds.ts`; but `percpuData`, which the per-CPU allocator uses, and `table`, arrays that live as long
 * as the program, are the same. No imports: reports read the names.
 */
export enum ProcKind {
  none = 0,
  dentry = 1,
  /** `struct proc_inode`, with the inode in it. */
  inode = 2,
  /** `struct pid`. */
  pid = 3,
  /** `struct task_struct`, with what each process has to itself beside it. */
  task = 4,
  /** `struct files_struct`. */
  files = 5,
  percpuData = 10,
  table = 12,
}
