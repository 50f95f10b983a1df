/**
 * Numbers of the kernel's RCU callbacks, 0 to 15; each strategy instance has 16 behind them, from `layout("callback")`.
 */
export enum Callback {
  none = 0,
  /** A label's last reference is gone: label_free_rcu. */
  labelFree = 1,
  /** A cred's last count is gone: put_cred_rcu. */
  credFree = 2,
  /** No reader can stand on a label any more that was taken out of a label set which is read without a lock. */
  labelReclaim = 3,
  /** A policy text's last count is gone. */
  rawdataFree = 4,
}

/** Callback ids that the kernel, and each strategy instance, has to itself. */
export const callbacksPerOwner = 16;
