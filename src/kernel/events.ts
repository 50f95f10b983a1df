/**
 * The events of a script: what one CPU does, one after the other. Workloads write them, the interpreter executes them.
 *
 * A record is four cells, `{event, a, b, c}`; operands that an event does not name are 0. Descriptors are small dense
 * integers of the task that the CPU runs, tasks and profiles are indices, CPUs are numbers from 0. Every script starts
 * with `switchTask` and finishes with `end`; running off a script is not defined.
 */

/** Bytes of one script record: four cells. */
export const recordBytes = 16;

/** Offsets of the cells of one record. */
export enum RecordField {
  event = 0,
  a = 4,
  b = 8,
  c = 12,
}

/** How deep `repeat` blocks may nest. */
export const repeatDepth = 4;

/** What the first cell of a record says. 23 to 31 are kept for policy events (replaceProfile, merge, ...). */
export enum Event {
  /** The script is finished. */
  end = 0,
  /** a = descriptor that is free: opens a file there (file_alloc, current secid, file_open). */
  open = 1,
  /** a = descriptor: closes it. */
  close = 2,
  /** a = descriptor, b = access mask (1 = execute, 2 = write, 4 = read, as MAY_*): file_permission, as for a read. */
  permission = 3,
  /** a = descriptor: sends the file's contents (sendfile: read permission, then sendmsg on the connection). */
  send = 4,
  /** a = listening descriptor, b = descriptor that is free: accepts a connection (socket clone and file allocation). */
  accept = 5,
  /** a = descriptor that is free: makes a socket. */
  socket = 6,
  /** The current task's secid is asked for, as by IMA. */
  secid = 7,
  /** a = task that does not run: becomes a child with copies of all descriptors; b = 1: a thread that shares the cred. */
  fork = 8,
  /** a = profile: the task's label after exec is the profile's newest. */
  exec = 9,
  /** The task closes all its descriptors and drops its cred; `switchTask` must come before its next event. */
  exit = 10,
  /** a = descriptor, b = descriptor (closed first where open): dup2. */
  dup = 11,
  /** a = descriptor, b = channel: passes a reference to the file in a message; waits while the channel is full. */
  passFile = 12,
  /** a = descriptor that is free, b = channel: takes the oldest file of the channel; waits while there is none. */
  receiveFile = 13,
  /** a = profile: the task's label becomes the profile's newest (aa_change_profile). */
  changeProfile = 14,
  /** a = profile: removed from the policy; its users go over to the namespace's unconfined. */
  removeProfile = 15,
  /** a = ns: time outside the kernel. */
  think = 16,
  /** One request is finished; counted. */
  request = 17,
  /** This CPU's progress goes up by one. */
  post = 18,
  /** a = CPU, b = count: waits until that CPU's progress is at least that. */
  waitFor = 19,
  /** a = how often (0 or more), b = records: the b records that follow are executed a times. Nests `repeatDepth` deep. */
  repeat = 20,
  /** a = task: this CPU runs that task from now on. One CPU at a time may run a task. */
  switchTask = 21,
  /** a = profile, b = ns: get and, that much later, put on the profile's label through a temporary holder. */
  pair = 22,
}
