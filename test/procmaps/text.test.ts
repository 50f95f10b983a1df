/** The text of /proc/PID/maps and the query's struct, byte by byte, without any process. */
import { describe, expect, it } from "vitest";
import { parseAddresses, sampleAddresses } from "../../src/procmaps/addresses.ts";
import type { Mapping, Question } from "../../src/procmaps/mapping.ts";
import { passesFilter, permissionsOf, sameMapping } from "../../src/procmaps/mapping.ts";
import { findMapping, parseMaps } from "../../src/procmaps/maps-text.ts";
import { procmapQuery, queryBytes, readAnswer, writeQuery } from "../../src/procmaps/query-struct.ts";

const text = `00400000-00452000 r-xp 00001000 08:02 173521                             /usr/bin/dbus daemon
00e03000-00e24000 rw-p 00000000 00:00 0                                  [heap]
7f0000000000-7f0000001000 ---p 00000000 00:00 0 
7f0000001000-7f0000002000 rw-s 00000000 00:01 2057                       /dev/zero (deleted)
7f0000003000-7f0000004000 r--p 00000000 fd:01 18446744073709551615       /tmp/two\\012lines
7f0000004000-7f0000005000 rw-p 00000000 00:00 0                          [anon:a name]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;
const mappings = parseMaps(text);
const covering: Question = { orNext: false, filter: {} };
const orNext: Question = { orNext: true, filter: {} };

describe("the text", () => {
  it("becomes mappings with all fields, without the kernel's own page", () => {
    expect(mappings).toHaveLength(6);
    expect(mappings[0]).toEqual({
      start: 0x400000n,
      end: 0x452000n,
      readable: true,
      writable: false,
      executable: true,
      shared: false,
      offset: 0x1000n,
      deviceMajor: 8,
      deviceMinor: 2,
      inode: 173521n,
      name: "/usr/bin/dbus daemon",
    });
    expect(mappings.map(({ name }) => name)).toEqual([
      "/usr/bin/dbus daemon",
      "[heap]",
      "",
      "/dev/zero (deleted)",
      "/tmp/two\\012lines",
      "[anon:a name]",
    ]);
    expect(mappings[4]).toMatchObject({ inode: 2n ** 64n - 1n, deviceMajor: 0xfd });
    expect(mappings.map(permissionsOf)).toEqual(["r-xp", "rw-p", "---p", "rw-s", "r--p", "rw-p"]);
  });

  it("is refused with its line where it is none", () => {
    expect(() => parseMaps("00400000-00452000 r-xp 0 08:02 1 /x\nmaps\n")).toThrow(
      'line 2 of the maps is not understood: "maps"',
    );
  });
});

describe("a question to the text", () => {
  const at = (address: bigint, question: Question): bigint | undefined =>
    findMapping(mappings, address, question)?.start;

  it("finds the mapping that covers an address, from its first byte to its last", () => {
    expect(at(0x400000n, covering)).toBe(0x400000n);
    expect(at(0x451fffn, covering)).toBe(0x400000n);
    expect(at(0x452000n, covering)).toBeUndefined();
    expect(at(0n, covering)).toBeUndefined();
    expect(at(0x7f0000005000n, covering)).toBeUndefined();
  });

  it("finds the next one above where none covers it, if that is asked for", () => {
    expect(at(0n, orNext)).toBe(0x400000n);
    expect(at(0x452000n, orNext)).toBe(0xe03000n);
    expect(at(0x7f0000002fffn, orNext)).toBe(0x7f0000003000n);
    expect(at(0x7f0000005000n, orNext)).toBeUndefined();
  });

  it("counts only mappings with what the filter wants", () => {
    const executable = { filter: { executable: true } };
    expect(at(0xe03000n, { orNext: false, ...executable })).toBeUndefined();
    expect(at(0xe03000n, { orNext: true, ...executable })).toBeUndefined();
    expect(at(0n, { orNext: true, filter: { shared: true } })).toBe(0x7f0000001000n);
    expect(at(0x452000n, { orNext: true, filter: { fileBacked: true } })).toBe(0x7f0000001000n);
    expect(at(0x7f0000002000n, { orNext: true, filter: { fileBacked: true, readable: true } })).toBe(
      0x7f0000003000n,
    );
    expect(mappings.filter((mapping) => passesFilter(mapping, { writable: true }))).toHaveLength(3);
  });
});

describe("mappings", () => {
  it.each<Partial<Mapping>>([
    { start: 1n },
    { end: 1n },
    { readable: false },
    { writable: true },
    { executable: false },
    { shared: true },
    { offset: 1n },
    { deviceMajor: 9 },
    { deviceMinor: 9 },
    { inode: 9n },
    { name: "/usr/bin/other" },
  ])("differ in %o", (change) => {
    const one = mappings[0] as Mapping;
    expect(sameMapping(one, { ...one })).toBe(true);
    expect(sameMapping(one, { ...one, ...change })).toBe(false);
  });

  it("differ from none", () => {
    expect(sameMapping(null, null)).toBe(true);
    expect(sameMapping(null, mappings[0] as Mapping)).toBe(false);
  });
});

describe("the query's struct", () => {
  it("has the size and number of include/uapi/linux/fs.h", () => {
    // _IOC(read | write, 'f', 17, size): two bits, 14 bits, 8 bits, 8 bits.
    expect(procmapQuery).toBe(((3 << 30) | (queryBytes << 16) | ("f".charCodeAt(0) << 8) | 17) >>> 0);
    expect(queryBytes).toBe(9 * 8 + 4 * 4 + 2 * 8);
  });

  it("asks with every field in its place", () => {
    const view = new DataView(new ArrayBuffer(queryBytes));
    const filter = { readable: true, writable: true, executable: true, shared: true, fileBacked: true };
    writeQuery(view, 0xffffffffff600000n, { orNext: true, filter }, { name: 0x1000n, buildId: 0x2000n });
    expect(view.getBigUint64(0, true)).toBe(104n);
    expect(view.getBigUint64(8, true)).toBe(63n);
    expect(view.getBigUint64(16, true)).toBe(0xffffffffff600000n);
    expect([view.getUint32(80, true), view.getUint32(84, true)]).toEqual([4096, 20]);
    expect([view.getBigUint64(88, true), view.getBigUint64(96, true)]).toEqual([0x1000n, 0x2000n]);
    writeQuery(view, 1n, covering, { name: 0n, buildId: 0n });
    expect(view.getBigUint64(8, true)).toBe(0n);
    expect([view.getUint32(80, true), view.getUint32(84, true)]).toEqual([0, 0]);
  });

  it("answers with every field in its place", () => {
    const view = new DataView(new ArrayBuffer(queryBytes));
    [0x1000n, 0x3000n, 13n, 4096n, 0x7000n, 77n].forEach((value, index) => {
      view.setBigUint64(24 + index * 8, value, true);
    });
    view.setUint32(72, 8, true);
    view.setUint32(76, 2, true);
    expect(readAnswer(view, "/two\nlines")).toEqual({
      start: 0x1000n,
      end: 0x3000n,
      readable: true,
      writable: false,
      executable: true,
      shared: true,
      offset: 0x7000n,
      inode: 77n,
      deviceMajor: 8,
      deviceMinor: 2,
      name: "/two\\012lines",
    });
  });
});

describe("addresses", () => {
  it("come from a file, one on a line", () => {
    expect(parseAddresses("# some\n7f00\n\n 0xFFff # last page\nffffffffffffffff\n", "a.txt")).toEqual([
      0x7f00n,
      0xffffn,
      2n ** 64n - 1n,
    ]);
  });

  it.each([
    ["12\nzz\n", "`zz` is not an address"],
    ["12\n10000000000000000\n", "`10000000000000000` is not an address"],
  ])("are refused with file and line", (content, message) => {
    expect(() => parseAddresses(content, "a.txt")).toThrow(
      expect.objectContaining({ message, location: { file: "a.txt", line: 2 } }),
    );
  });

  it("are not none", () => {
    expect(() => parseAddresses("# nothing\n", "a.txt")).toThrow("a.txt has no addresses");
  });

  it("of a sample are the same for the same seed, mostly in mappings, and within the process", () => {
    const sample = sampleAddresses(mappings, 500, "s");
    expect(sampleAddresses(mappings, 500, "s")).toEqual(sample);
    expect(sampleAddresses(mappings, 500, "t")).not.toEqual(sample);
    const inside = sample.filter((address) => findMapping(mappings, address, covering) !== null);
    // Four of five in mappings; the gap between heap and libraries takes nearly all of the others.
    expect(inside.length).toBeGreaterThan(350);
    expect(inside.length).toBeLessThan(450);
    expect(sample.every((address) => address >= 0x400000n && address < 0x7f0000005000n)).toBe(true);
    expect(sampleAddresses([], 5, "s")).toEqual([]);
  });
});
