/**
 * A process with thousands of mappings of all kinds, which stand still: told by its first line of output, alive until its
 * input ends. Its own file because a test asks for it from outside.
 */
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import koffi from "koffi";

const pageBytes = 4096;
const [none, read, write, execute] = [0, 1, 2, 4];
const [shared, priv, anonymous] = [1, 2, 0x20];
/** prctl: names an anonymous mapping. Kernels without it say so, and then there are no such names. */
const [prSetVma, prSetVmaAnonName] = [0x53564d41, 0];

const libc = koffi.load(null);
const mmap = libc.func("int64_t mmap(int64_t, size_t, int, int, int, int64_t)");
const mprotect = libc.func("int mprotect(int64_t, size_t, int)");
const munmap = libc.func("int munmap(int64_t, size_t)");
const prctl = libc.func("int prctl(int, unsigned long, int64_t, unsigned long, const char *)");

/** `pages` of which every second one has other permissions, so that each is a mapping. */
export function mapAlternating(pages) {
  const start = BigInt(mmap(0, pages * pageBytes, read, priv | anonymous, -1, 0));
  for (let page = 1; page < pages; page += 2) {
    if (mprotect(start + BigInt(page * pageBytes), pageBytes, read | write) !== 0)
      throw new Error(`mprotect: error ${koffi.errno()}`);
  }
  // Gaps, too.
  for (let page = 8; page < pages; page += 16) munmap(start + BigInt(page * pageBytes), pageBytes);
}

function mapOthers() {
  const file = openSync(fileURLToPath(import.meta.url), "r");
  for (const permissions of [none, read, read | execute]) mmap(0, pageBytes, permissions, priv, file, 0);
  mmap(0, pageBytes, read, shared, file, 0);
  closeSync(file);
  mmap(0, 4 * pageBytes, read | write, shared | anonymous, -1, 0);
  const named = BigInt(mmap(0, 4 * pageBytes, read | write, priv | anonymous, -1, 0));
  prctl(prSetVma, prSetVmaAnonName, named, 4 * pageBytes, "a name with blanks");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.platform !== "linux") process.exit(constants.errno.ENOSYS);
  mapAlternating(2600);
  mapOthers();
  process.stdout.write("ready\n");
  process.stdin.on("end", () => process.exit(0)).resume();
}
