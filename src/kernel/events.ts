/**
 * The events of a script: what one CPU does, one after the other. Workloads write them, the interpreter executes them.
 *
 * A record is four cells, `{event, a, b, c}`; operands that an event does not name are 0. Descriptors are small dense
 * integers of the task that the CPU runs, tasks, profiles and namespaces are indices, CPUs are numbers from 0. A script
 * finishes with `end`; running off a script is not defined. Events of a task need a `switchTask` before them; policy events
 * (from `nameProfile` on, where they say so) need none.
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

/** What the first cell of a record says. */
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
  // Policy: what the host knows by name, the kernel knows by index. None of these up to `loadProfile` needs a task.
  /**
   * a = profile, b = namespace, c = rank: the name of profile a belongs to namespace b and is at place c in the kernel's order
   * of names (1 or more). Before the profile is loaded for the first time, or the namespace whose unconfined it is created;
   * for profile 0, the root's unconfined, before everything else. Profiles that `boot` loads have their index for a rank.
   */
  nameProfile = 23,
  /** a = profile, b = parent profile, c = 1 for a hat: the name of profile a is that of b and one level more (`b//a`). */
  nameChild = 24,
  /** a = namespace, b = its parent, c = profile: creates it, with profile c for its unconfined. Indices in the kernel's order. */
  createNamespace = 25,
  /** a = namespace: destroys it and those inside; users go over to the parent's unconfined. */
  destroyNamespace = 26,
  /**
   * a = profile, b = mode (`PolicyMode`), c = `LoadFlags`: a new version of the profile. Records of one set (`more`) follow each
   * other; the set takes effect with its last record, whole or not at all.
   */
  loadProfile = 27,
  /** a = index: what the last policy event of this CPU came to (`PolicyError`) becomes answer a, for `audit`. */
  answer = 28,
  /** a = profile: the task's label becomes its own and the profile's, together (aa_change_profile with AA_CHANGE_STACK). */
  stackProfile = 29,
  /** a = profile that is a hat of the task's: the task's label becomes the hat's; 0: becomes what it was before (aa_change_hat). */
  changeHat = 30,
  /** a = slot that is empty: keeps a reference to the newest version of the task's label there, as an audit rule does. */
  keepLabel = 31,
  /** a = slot: drops what is kept there. Needs no task. */
  dropLabel = 32,
  /**
   * a = slot, which nobody changes meanwhile: finds or makes the label of the names of the kept label's profiles, as parsing its
   * text does (aa_label_parse), and drops the reference. Needs no task.
   */
  parseLabel = 33,
  /** a = slot, which nobody changes meanwhile: looks for a label with the vector of the kept one. Counted. Needs no task. */
  lookUpLabel = 34,
  /** a = task: sends it a signal; the hook looks at the newest version of its label (apparmor_task_kill). */
  signalTask = 35,
  /** a = profile, b = rawdata slot that is empty: opens the policy text that it was loaded from (rawdata_open). Needs no task. */
  openRawdata = 36,
  /** a = rawdata slot: closes it. Needs no task. */
  closeRawdata = 37,
  /** a = ns, b = `StallIn`: the task comes to a stand for so long in the midst of a system call. */
  stall = 38,
}

/** Where a task comes to a stand. */
export enum StallIn {
  /** It sleeps and has nothing borrowed; the CPU turns to nothing else. */
  sleep = 0,
  /** It was pushed off its CPU in a hook that has borrowed the label of the task's cred. */
  borrow = 1,
  /** Its CPU stands still in a read section: no grace period ends meanwhile. */
  section = 2,
}

/** Numbers below this can be events. */
export const eventLimit = 64;

/** Modes of a profile (enum profile_mode, security/apparmor/include/policy.h); only `unconfined` changes what hooks do. */
export enum PolicyMode {
  enforce = 0,
  complain = 1,
  kill = 2,
  unconfined = 3,
  user = 4,
}

/** Bits of operand c of `loadProfile`. */
export enum LoadFlags {
  /** A version that is there is replaced (.replace); without it that is an error (.load). */
  replace = 1,
  /** The next record is of the same set. */
  more = 2,
}
