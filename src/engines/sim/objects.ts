/** Which object lies at an address, as the program told with `allocated` and `freed`; by line, so that telling costs next to nothing. */
import type { HotLine } from "./types.ts";

/** Lines of an object that are noted: what is hot stands at its head. */
const notedLines = 16;

export class Objects {
  private readonly address: Int32Array;
  private readonly kind: Uint8Array;
  private readonly serial: Int32Array;
  private readonly serials = new Int32Array(256);
  private readonly shift: number;

  constructor(memoryBytes: number, lineBytes: number) {
    this.shift = Math.log2(lineBytes);
    const lines = Math.ceil(memoryBytes / lineBytes);
    this.address = new Int32Array(lines);
    this.kind = new Uint8Array(lines);
    this.serial = new Int32Array(lines);
  }

  /** An object begins (`bytes` 1 or more). What was noted of one that ended stays: its line may be hot still. */
  told(address: number, kind: number, bytes: number): void {
    if (bytes <= 0) return;
    const serial = (this.serials[kind & 255] as number) + 1;
    this.serials[kind & 255] = serial;
    const first = address >>> this.shift;
    const last = Math.min((address + bytes - 1) >>> this.shift, first + notedLines - 1);
    for (let line = first; line <= last; line++) {
      // Small objects may share a line: the first one names it.
      if (line === first && (address & ((1 << this.shift) - 1)) !== 0 && this.address[line] !== 0) continue;
      this.address[line] = address;
      this.kind[line] = kind;
      this.serial[line] = serial;
    }
  }

  at(address: number): HotLine["object"] {
    const line = address >>> this.shift;
    if ((this.address[line] as number) === 0) return undefined;
    return {
      address: this.address[line] as number,
      kind: this.kind[line] as number,
      serial: this.serial[line] as number,
    };
  }
}
