/**
 * Sockets (struct sock with its aa_sk_ctx): one more holder of a label beside the file that stands for it. The label is set
 * when the socket is made or cloned and never changes, so others read it plainly while they keep the socket.
 */
import type { i32, ptr } from "refplay/machine";
import { heapAlloc, heapFreeKnown } from "./core/heap.ts";
import { Kind } from "./core/kinds.ts";
import { emptyHolder, labelGet, labelPut, ownLabel } from "./reference.ts";
import { holderBytes } from "./settings.ts";

/** Offsets of a socket. */
export enum Socket {
  /** Holder of the label. */
  label = 0,
  /** Holder of the peer's label: local sockets only, so always empty today. */
  peer = holderBytes,
}

const socketBytes: i32 = Socket.peer + holderBytes;

/** A socket with that label, of which the caller has or borrows a reference; 0 where memory is exhausted. */
export function socketAlloc(cpu: i32, label: ptr): ptr {
  const socket: ptr = heapAlloc(cpu, Kind.socket, socketBytes);
  if (socket === 0) return 0;
  emptyHolder(socket + Socket.label);
  emptyHolder(socket + Socket.peer);
  labelGet(cpu, socket + Socket.label, label);
  return socket;
}

/** A new connection of a listening socket: the same label once more (sk_clone). 0 where memory is exhausted. */
export function socketClone(cpu: i32, listener: ptr): ptr {
  return socketAlloc(cpu, ownLabel(listener + Socket.label));
}

/** Frees a socket when its file goes (sk_free). */
export function socketFree(cpu: i32, socket: ptr): void {
  labelPut(cpu, socket + Socket.label, ownLabel(socket + Socket.label));
  heapFreeKnown(cpu, Kind.socket, socketBytes, socket);
}
