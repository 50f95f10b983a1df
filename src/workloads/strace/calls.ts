/**
 * What each system call does to descriptors and labels: one small handler per kind of call. A call without a handler is
 * either in `harmlessCalls` or reported as not known.
 */
import { Event } from "../../kernel/events.ts";
import { mayExecute, mayRead, mayWrite } from "../script.ts";
import type { Importer } from "./importer.ts";
import { type StraceCall, splitArguments } from "./parse.ts";
import type { Process } from "./processes.ts";

export type CallHandler = (importer: Importer, process: Process, call: StraceCall) => void;

/** The number of a descriptor argument: `7`, `7</srv/www>` (strace -y); `undefined` for AT_FDCWD and -1. */
function descriptorArgument(call: StraceCall, index: number): number | undefined {
  const match = /^(\d+)/.exec(splitArguments(call.args)[index] ?? "");
  return match === null ? undefined : Number(match[1]);
}

/** The two numbers that pipe and socketpair write. */
function pairArgument(call: StraceCall): [number, number] | undefined {
  const match = /\[(\d+)(?:<[^>]*>)?, (\d+)(?:<[^>]*>)?\]/.exec(call.args);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/** Descriptors of all SCM_RIGHTS messages of a call, in order. */
function passedDescriptors(call: StraceCall): number[] {
  const passed: number[] = [];
  for (const match of call.args.matchAll(/SCM_RIGHTS, cmsg_data=\[([^\]]*)\]/g)) {
    for (const item of (match[1] ?? "").matchAll(/(?:^|, )(\d+)/g)) passed.push(Number(item[1]));
  }
  return passed;
}

const succeeded = (call: StraceCall): call is StraceCall & { result: number } =>
  call.result !== undefined && call.result >= 0;

const open: CallHandler = (importer, process, call) => {
  if (call.error !== undefined) {
    importer.failedOpens++;
    return;
  }
  if (!succeeded(call)) return;
  importer.opens++;
  importer.allocate(process, call.result, call, Event.open);
};

/** Files without a path: the label is taken as for any file (alloc_file_pseudo, fs/file_table.c, v6.6). */
const pseudoFile: CallHandler = (importer, process, call) => {
  if (!succeeded(call)) return;
  importer.pseudoFiles++;
  importer.allocate(process, call.result, call, Event.open);
};

const pipe: CallHandler = (importer, process, call) => {
  const pair = pairArgument(call);
  if (!succeeded(call) || pair === undefined) return;
  for (const fd of pair) {
    importer.pseudoFiles++;
    importer.allocate(process, fd, call, Event.open);
  }
};

const socket: CallHandler = (importer, process, call) => {
  if (succeeded(call)) importer.allocate(process, call.result, call, Event.socket, "socket");
};

const socketpair: CallHandler = (importer, process, call) => {
  const pair = pairArgument(call);
  if (!succeeded(call) || pair === undefined) return;
  const first = importer.allocate(process, pair[0], call, Event.socket, "socket");
  const second = importer.allocate(process, pair[1], call, Event.socket, "socket");
  first.peer = second;
  second.peer = first;
};

const accept: CallHandler = (importer, process, call) => {
  if (succeeded(call)) importer.accept(process, descriptorArgument(call, 0), call.result, call);
};

const close: CallHandler = (importer, process, call) => {
  const fd = descriptorArgument(call, 0);
  // Linux frees the number even where close reports EINTR or EIO; only EBADF closes nothing.
  if (fd !== undefined && call.error !== "EBADF") importer.close(process, fd, call);
};

const closeRange: CallHandler = (importer, process, call) => {
  if (!succeeded(call)) return;
  const [firstText, lastText] = splitArguments(call.args);
  const first = Number(firstText);
  const last = /^\d+$/.test(lastText ?? "") ? Number(lastText) : Number.POSITIVE_INFINITY;
  const inRange = Array.from(process.descriptors.keys()).filter((fd) => fd >= first && fd <= last);
  for (const fd of inRange.sort((x, y) => x - y)) {
    const descriptor = process.descriptors.get(fd);
    if (descriptor !== undefined && call.args.includes("CLOSE_RANGE_CLOEXEC")) descriptor.closeOnExec = true;
    else importer.close(process, fd, call);
  }
};

const dup: CallHandler = (importer, process, call) => {
  const fd = descriptorArgument(call, 0);
  if (succeeded(call) && fd !== undefined) importer.dup(process, fd, call.result, call);
};

const fcntl: CallHandler = (importer, process, call) => {
  if (/, F_DUPFD(?:_CLOEXEC)?\b/.test(call.args)) {
    dup(importer, process, call);
    return;
  }
  if (!succeeded(call) || !/, F_SETFD\b/.test(call.args)) return;
  const descriptor = process.descriptors.get(descriptorArgument(call, 0) ?? -1);
  if (descriptor !== undefined) descriptor.closeOnExec = call.args.includes("FD_CLOEXEC");
};

const read: CallHandler = (importer, process, call) => {
  const fd = descriptorArgument(call, 0);
  // Whoever asks for data again has finished its last answer.
  if (fd !== undefined && process.descriptors.get(fd)?.file.kind === "connection")
    importer.finishRequests(process);
  importer.noteReceive(importer.use(process, fd, mayRead, call), call);
};

const write: CallHandler = (importer, process, call) => {
  importer.noteSend(process, importer.use(process, descriptorArgument(call, 0), mayWrite, call));
};

/** sendfile(out, in, ...): read permission on the file, then what a write to the other side does (fs/read_write.c, v6.6). */
const sendfile: CallHandler = (importer, process, call) => {
  importer.use(process, descriptorArgument(call, 1), mayRead, call);
  write(importer, process, call);
};

/** splice(in, .., out), copy_file_range(in, .., out), tee(in, out): read permission here, write permission there. */
const copy: CallHandler = (importer, process, call) => {
  const outIndex = call.name === "tee" ? 1 : 2;
  const from = importer.use(process, descriptorArgument(call, 0), mayRead, call);
  importer.noteReceive(from, call);
  importer.noteSend(process, importer.use(process, descriptorArgument(call, outIndex), mayWrite, call));
};

const sendmsg: CallHandler = (importer, process, call) => {
  write(importer, process, call);
  if (!succeeded(call)) return;
  const rights = passedDescriptors(call);
  const through = process.descriptors.get(descriptorArgument(call, 0) ?? -1)?.file;
  const files = [];
  const passes = [];
  for (const fd of rights) {
    const file = process.descriptors.get(fd)?.file;
    if (file === undefined) importer.skip("descriptor passed that the trace does not open", call.line);
    else if (through?.peer === undefined)
      importer.skip("descriptor passed to a process outside the trace", call.line);
    else {
      files.push(file);
      passes.push(importer.emit(process, Event.passFile, fd));
    }
  }
  if (files.length > 0) through?.peer?.inbox.push({ files, passes });
};

const recvmsg: CallHandler = (importer, process, call) => {
  read(importer, process, call);
  if (!succeeded(call)) return;
  const rights = passedDescriptors(call);
  if (rights.length === 0) return;
  const through = process.descriptors.get(descriptorArgument(call, 0) ?? -1)?.file;
  const message = through?.inbox.shift();
  for (const [which, fd] of rights.entries()) importer.receive(process, fd, message, which, call);
};

/** A mapped file: mmap_file checks the file's label as a read or an execution does. */
const mmap: CallHandler = (importer, process, call) => {
  const [, , protection] = splitArguments(call.args);
  const fd = descriptorArgument(call, 4);
  if (fd === undefined) {
    importer.harmless.set(call.name, (importer.harmless.get(call.name) ?? 0) + 1);
    return;
  }
  let mask = mayRead;
  if (protection?.includes("PROT_EXEC") === true) mask |= mayExecute;
  if (protection?.includes("PROT_WRITE") === true && call.args.includes("MAP_SHARED")) mask |= mayWrite;
  importer.use(process, fd, mask, call);
};

const fork: CallHandler = (importer, process, call) => {
  if (!succeeded(call) || call.result === 0) return;
  const outside = /(\d+) in strace's PID NS/.exec(call.remark);
  importer.fork(process, outside === null ? call.result : Number(outside[1]), call);
};

const exec: CallHandler = (importer, process, call) => {
  if (call.result !== 0) return;
  const path = /^(?:[^"]*, )?"((?:[^"\\]|\\.)*)"/.exec(call.args);
  importer.exec(process, path?.[1] ?? "");
};

const exitThread: CallHandler = (importer, _process, call) => importer.exit(call.pid, false);
const exitProcess: CallHandler = (importer, _process, call) => importer.exit(call.pid, true);

const handlers: readonly (readonly [string, CallHandler])[] = [
  ["open openat openat2 creat", open],
  ["epoll_create epoll_create1 eventfd eventfd2 timerfd_create signalfd signalfd4", pseudoFile],
  ["memfd_create inotify_init inotify_init1 fanotify_init pidfd_open userfaultfd", pseudoFile],
  ["pipe pipe2", pipe],
  ["socket", socket],
  ["socketpair", socketpair],
  ["accept accept4", accept],
  ["close", close],
  ["close_range", closeRange],
  ["dup dup2 dup3", dup],
  ["fcntl fcntl64", fcntl],
  ["read pread64 readv preadv preadv2 recv recvfrom getdents getdents64", read],
  ["write pwrite64 writev pwritev pwritev2 send sendto fallocate ftruncate", write],
  ["sendfile sendfile64", sendfile],
  ["splice copy_file_range tee", copy],
  ["sendmsg sendmmsg", sendmsg],
  ["recvmsg recvmmsg", recvmsg],
  ["mmap mmap2", mmap],
  ["fork vfork clone clone2 clone3", fork],
  ["execve execveat", exec],
  ["exit", exitThread],
  ["exit_group", exitProcess],
];

/** Handler by name of the call. */
export const callHandlers: ReadonlyMap<string, CallHandler> = new Map(
  handlers.flatMap(([names, handler]) => names.split(" ").map((name) => [name, handler] as const)),
);

const returning = new Set(
  (
    "open openat openat2 creat epoll_create epoll_create1 eventfd eventfd2 timerfd_create signalfd signalfd4 memfd_create " +
    "inotify_init inotify_init1 fanotify_init pidfd_open userfaultfd pipe pipe2 socket socketpair accept accept4 " +
    "dup dup2 dup3 fcntl fcntl64 recvmsg recvmmsg execve execveat"
  ).split(" "),
);

/** True where a call acts when it starts (it uses or gives up descriptors), false where when it returns (it gets some). */
export function effectAtStart(name: string): boolean {
  return !returning.has(name);
}

/**
 * Calls that neither make, close nor read or write through a descriptor. Those that look at a file (fstat and the like)
 * run hooks that read the task's own label and take no reference (docs of `hooks`).
 */
export const harmlessCalls: ReadonlySet<string> = new Set(
  (
    "access adjtimex alarm arch_prctl bind brk capget capset chdir chmod chown clock_getres clock_gettime clock_nanosleep " +
    "connect epoll_ctl epoll_pwait epoll_pwait2 epoll_wait faccessat faccessat2 fadvise64 fchdir fchmod fchmodat fchown " +
    "fchownat fdatasync flock fstat fstat64 fstatfs fsync futex get_robust_list getcwd getegid geteuid getgid getgroups " +
    "getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid " +
    "getsockname getsockopt gettid gettimeofday getuid getxattr io_getevents io_submit ioctl kill lgetxattr link linkat " +
    "listen lseek lstat lstat64 madvise membarrier mincore mkdir mkdirat mlock mprotect mremap msync munlock munmap " +
    "nanosleep newfstatat pause personality poll ppoll prctl prlimit64 pselect6 readahead readlink readlinkat " +
    "rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn " +
    "rt_sigsuspend rt_sigtimedwait sched_getaffinity sched_getparam sched_getscheduler sched_setaffinity " +
    "sched_setscheduler sched_yield select set_robust_list set_tid_address setgid setgroups setitimer setpgid " +
    "setpriority setresgid setresuid setrlimit setsid setsockopt setuid shutdown sigaltstack stat stat64 statfs statx " +
    "symlink symlinkat sync sysinfo tgkill time timer_create timer_delete timer_settime timerfd_gettime timerfd_settime " +
    "times umask uname unlink unlinkat utimensat vhangup wait4 waitid"
  ).split(" "),
);
