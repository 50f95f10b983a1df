/** Lines of /proc/PID/maps as the scenarios' kernel writes and parses them, held against what reads the real ones. */
import { describe, expect, it } from "vitest";
import { createDirect, type Direct } from "../../../src/engines/reference/index.ts";
import { linkProgram } from "../../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../../src/link/node-host.ts";
import { buildStepped } from "../../../src/link/stepped/index.ts";
import { permissionsOf } from "../../../src/procmaps/mapping.ts";
import { parseMaps } from "../../../src/procmaps/maps-text.ts";
import { Rng } from "../../fuzz/random.ts";

const module = `${packageRoot}/test/programs/maps-text.ts`;
const callbacks = `${packageRoot}/src/kernel/procfs/maps/callbacks.ts`;
const options = { verify: 1 };
const program = buildStepped(
  linkProgram({ module, entries: "all", strategies: [], options, callbacks }, nodeHost(packageRoot)),
);

function machine(): Direct {
  const made = createDirect(program, { memoryWords: 1 << 16 });
  made.call("boot");
  return made;
}

/** Characters at a byte address. */
function textAt(direct: Direct, address: number, bytes: number): string {
  const codes = Array.from({ length: bytes }, (_, index) => {
    const at = address + index;
    return (direct.read(at & ~3) >>> ((at & 3) * 8)) & 0xff;
  });
  return String.fromCharCode(...codes);
}

const pageBytes = 4096n;
/** What addresses are printed as being above. */
const base = 0x7000_0000_0000n;

describe("a line", () => {
  it("looks as the kernel's does, with and without a file", () => {
    const direct = machine();
    const buffer = direct.call("buffer");
    const file = direct.call("file", [1310720]);
    const first = direct.call("write", [0, 4096, 0x12345678, 0x1234567a, 5, 0x12345, file]);
    const second = direct.call("write", [first, 4096, 0x400, 0x401, 3, 0x400, 0]);
    expect(textAt(direct, buffer, second)).toBe(
      "712345678000-71234567a000 r-xp 12345000 08:02 1310720                    /usr/lib/x86_64-linux-gnu/lib1310720.so.1\n" +
        "700000400000-700000401000 rw-p 00000000 00:00 0 \n",
    );
    // The name begins in the column that real ones begin in.
    expect(textAt(direct, buffer, first).indexOf("/usr")).toBe(73);
  });

  it("is read as what it was written of, wherever in a cell it begins", () => {
    const direct = machine();
    const buffer = direct.call("buffer");
    const entry = direct.call("entry");
    const rng = new Rng("lines");
    const files = [0, direct.call("file", [7]), direct.call("file", [123456])];
    let at = 0;
    for (let line = 0; line < 200; line++) {
      const start = rng.below(0x7fffff00);
      const end = start + 1 + rng.below(0xff);
      const flags = rng.below(16);
      const file = rng.pick(files);
      const offset = rng.below(0xfffff);
      let after = direct.call("write", [at, 4096, start, end, flags, offset, file]);
      if (after === -1) {
        at = rng.below(4);
        after = direct.call("write", [at, 4096, start, end, flags, offset, file]);
      }
      const [mapping] = parseMaps(textAt(direct, buffer + at, after - at));
      if (mapping === undefined) throw new Error("a line is a mapping");
      const pages = (address: bigint): number => Number((address - base) / pageBytes);
      expect([pages(mapping.start), pages(mapping.end)]).toEqual([start, end]);
      const bit = (mask: number, char: string): string => ((flags & mask) === 0 ? "-" : char);
      const shared = (flags & 8) === 0 ? "p" : "s";
      expect(permissionsOf(mapping)).toBe(bit(1, "r") + bit(2, "w") + bit(4, "x") + shared);
      expect(mapping.offset).toBe(file === 0 ? 0n : BigInt(offset) * pageBytes);
      expect([mapping.deviceMajor, mapping.deviceMinor]).toEqual(file === 0 ? [0, 0] : [8, 2]);
      // And by the program's own parser.
      expect(direct.call("parse", [at])).toBe(after);
      const parsed = [0, 4, 8, 12].map((field) => direct.read(entry + field));
      expect(parsed).toEqual([start, end, flags, file === 0 ? 0 : offset]);
      expect(textAt(direct, entry + 16, mapping.name.length)).toBe(mapping.name);
      at = after;
    }
  });

  it("that has no room is not begun", () => {
    const direct = machine();
    const buffer = direct.call("buffer");
    const end = direct.call("write", [0, 4096, 1, 2, 1, 1, 0]);
    expect(direct.call("write", [end, 2 * end - 1, 1, 2, 1, 1, 0])).toBe(-1);
    expect(textAt(direct, buffer + end, 4)).toBe("\0\0\0\0");
    expect(direct.call("write", [end, 2 * end, 1, 2, 1, 1, 0])).toBe(2 * end);
  });
});
