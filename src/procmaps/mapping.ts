/** A mapping of a process (VMA) as both ways of asking the kernel tell it, and what may be asked for. */

/** What `PROCMAP_QUERY` and a line of /proc/PID/maps both say of a mapping. */
export interface Mapping {
  /** First address. */
  readonly start: bigint;
  /** First address behind it. */
  readonly end: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Stores are seen by other processes that map the same (MAP_SHARED). */
  readonly shared: boolean;
  /** Where in the file it begins, bytes. */
  readonly offset: bigint;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly inode: bigint;
  /** As in the text: path with newlines as `\012`, `[heap]`, `[anon:...]`, or empty. */
  readonly name: string;
}

/** Which mappings count; a mapping must have everything that is true here. */
export interface MappingFilter {
  readonly readable?: boolean;
  readonly writable?: boolean;
  readonly executable?: boolean;
  readonly shared?: boolean;
  /** Only mappings of files, shared memory included. */
  readonly fileBacked?: boolean;
}

/** A question to the mappings of a process. */
export interface Question {
  /** Whether, where no mapping covers the address, the next one above will do. */
  readonly orNext: boolean;
  readonly filter: MappingFilter;
}

export function passesFilter(mapping: Mapping, filter: MappingFilter): boolean {
  if (filter.readable === true && !mapping.readable) return false;
  if (filter.writable === true && !mapping.writable) return false;
  if (filter.executable === true && !mapping.executable) return false;
  if (filter.shared === true && !mapping.shared) return false;
  return filter.fileBacked !== true || isFileBacked(mapping);
}

/** The text has no sign for it, but what has a file has a device (shared memory and memfd included) or an inode. */
function isFileBacked({ deviceMajor, deviceMinor, inode }: Mapping): boolean {
  return deviceMajor !== 0 || deviceMinor !== 0 || inode !== 0n;
}

/** Whether both are the same mapping in every field; null is no mapping. */
export function sameMapping(one: Mapping | null, other: Mapping | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.start === other.start &&
    one.end === other.end &&
    one.offset === other.offset &&
    one.inode === other.inode &&
    one.deviceMajor === other.deviceMajor &&
    one.deviceMinor === other.deviceMinor &&
    one.name === other.name &&
    permissionsOf(one) === permissionsOf(other)
  );
}

/** `r-xp`, as in the text. */
export function permissionsOf({ readable, writable, executable, shared }: Mapping): string {
  return `${readable ? "r" : "-"}${writable ? "w" : "-"}${executable ? "x" : "-"}${shared ? "s" : "p"}`;
}

/** `start-end`. */
export function rangeText({ start, end }: Mapping): string {
  return `${hex(start)}-${hex(end)}`;
}

/**
 * `start-end permissions name`, for people.
 * @param rangeWidth characters that the range takes at least, so that rows are aligned
 */
export function mappingText(mapping: Mapping, rangeWidth = 0): string {
  const name = mapping.name === "" ? "(anonymous)" : mapping.name;
  return `${rangeText(mapping).padEnd(rangeWidth)} ${permissionsOf(mapping)} ${name}`;
}

/** At least 8 hexadecimal digits, as in the text. */
export function hex(address: bigint): string {
  return address.toString(16).padStart(8, "0");
}
