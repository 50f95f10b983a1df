/** Numbers of the RCU callbacks of procfs' dcache, for `callRcu`. */
export enum ProcCallback {
  none = 0,
  /** __d_free. */
  dentryFree = 1,
  /** proc_free_inode. */
  inodeFree = 2,
  /** delayed_put_task_struct. */
  taskPut = 3,
  /** delayed_put_pid. */
  pidPut = 4,
}
