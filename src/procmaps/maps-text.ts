/** The text of /proc/PID/maps: one line per mapping, in ascending order, as show_map_vma of fs/proc/task_mmu.c writes it. */
import { RefplayError } from "../errors.ts";
import { type Mapping, passesFilter, type Question } from "./mapping.ts";

/** start-end perms offset major:minor inode, blanks, name. The name may be empty and may have blanks in it. */
const linePattern =
  /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([sp]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) *(.*)$/;

/**
 * The page with time functions of old programs, in every process's text at an address of the kernel. It is no mapping of the
 * process, and the query does not know it.
 */
const gateName = "[vsyscall]";

/**
 * The mappings of a text, in its order, without the kernel's own page.
 * @throws RefplayError `bad-maps` for a line that is none
 */
export function parseMaps(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  let number = 0;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const to = newline === -1 ? text.length : newline;
    number += 1;
    const mapping = parseLine(text.slice(from, to), number);
    if (mapping.name !== gateName) mappings.push(mapping);
    from = to + 1;
  }
  return mappings;
}

function parseLine(line: string, number: number): Mapping {
  const found = linePattern.exec(line);
  if (found === null)
    throw new RefplayError(
      "bad-maps",
      `line ${number} of the maps is not understood: ${JSON.stringify(line)}`,
      {
        hint: "a line has start-end, permissions, offset, device, inode and name, as in /proc/self/maps",
      },
    );
  const [, start, end, read, write, execute, share, offset, major, minor, inode, name] = found as string[];
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    readable: read === "r",
    writable: write === "w",
    executable: execute === "x",
    shared: share === "s",
    offset: BigInt(`0x${offset}`),
    deviceMajor: Number.parseInt(major ?? "", 16),
    deviceMinor: Number.parseInt(minor ?? "", 16),
    inode: BigInt(inode ?? ""),
    name: name ?? "",
  };
}

/** The answer to a question, as the query's definition in include/uapi/linux/fs.h says; null: there is no such mapping. */
export function findMapping(
  mappings: readonly Mapping[],
  address: bigint,
  { orNext, filter }: Question,
): Mapping | null {
  // The first mapping that ends behind the address.
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((mappings[middle] as Mapping).end <= address) low = middle + 1;
    else high = middle;
  }
  if (!orNext) {
    const mapping = mappings[low];
    return mapping !== undefined && mapping.start <= address && passesFilter(mapping, filter)
      ? mapping
      : null;
  }
  for (let at = low; at < mappings.length; at++) {
    const mapping = mappings[at] as Mapping;
    if (passesFilter(mapping, filter)) return mapping;
  }
  return null;
}
