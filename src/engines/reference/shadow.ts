/** What is known of every object that portable code announced with `allocated` and `freed`. */
import type { ChainFrame } from "../../link/stepped/index.ts";

export interface ObjectRecord {
  readonly address: number;
  readonly kind: number;
  readonly bytes: number;
  /** Which one of its kind, from 1, in order of allocation. */
  readonly serial: number;
  readonly chain: readonly ChainFrame[];
  readonly step: number;
  /** Positions that freed it; null while it lives. */
  freed: readonly ChainFrame[] | null;
}

export class Shadow {
  /** By cell: 0 never announced, n > 0 inside the live object n, n < 0 inside the freed object -n. */
  private readonly cells: Int32Array;
  private readonly objects: ObjectRecord[] = [];
  private readonly serials = new Map<number, number>();

  constructor(words: number) {
    this.cells = new Int32Array(words);
  }

  /** Whether the cell belonged to an object that is gone. */
  isFreed(address: number): boolean {
    return (this.cells[address >> 2] as number) < 0;
  }

  /** The object that the address lies in or lay in last. */
  at(address: number): ObjectRecord | undefined {
    const number = this.cells[address >> 2] ?? 0;
    return number === 0 ? undefined : this.objects[Math.abs(number) - 1];
  }

  /** Notes a new object; a sentence if its range cannot be one. */
  allocate(
    address: number,
    kind: number,
    bytes: number,
    chain: readonly ChainFrame[],
    step: number,
  ): string | null {
    const first = address >> 2;
    const end = (address + bytes + 3) >> 2;
    if (address < 64 || (address & 3) !== 0 || bytes <= 0 || end > this.cells.length) {
      return `allocated a range of ${bytes} bytes at ${address}, which is not inside the memory`;
    }
    for (let i = first; i < end; i++) {
      if ((this.cells[i] as number) > 0) return `allocated ${bytes} bytes at ${address} over a live object`;
    }
    const serial = (this.serials.get(kind) ?? 0) + 1;
    this.serials.set(kind, serial);
    this.objects.push({ address, kind, bytes, serial, chain, step, freed: null });
    this.cells.fill(this.objects.length, first, end);
    return null;
  }

  /** Notes an object's end; its record, or undefined where no live object begins at the address. */
  free(address: number, chain: readonly ChainFrame[]): ObjectRecord | undefined {
    const number = this.cells[address >> 2] ?? 0;
    const object = this.objects[number - 1];
    if (object === undefined || object.address !== address) return undefined;
    object.freed = chain;
    this.cells.fill(-number, address >> 2, (address + object.bytes + 3) >> 2);
    return object;
  }

  /** Objects that nobody freed, in order of allocation. */
  live(): ObjectRecord[] {
    return this.objects.filter((object) => object.freed === null);
  }
}
