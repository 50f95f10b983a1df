/**
 * Compiles the C peers of bench/peers, with adapters for the libraries whose headers are installed. Flags are fixed and loops
 * aligned, so that two builds of one compiler give the same figures. A package has no peers in it, a clone has.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefplayError } from "../errors.ts";
import { packageRoot } from "../link/node-host.ts";

const folder = join(packageRoot, "bench", "peers");
const flags = [
  "-std=gnu11",
  "-O2",
  "-g",
  "-Wall",
  "-Wextra",
  "-pthread",
  "-falign-functions=64",
  "-falign-loops=32",
];
const ownSources = [
  "none.c",
  "refcount.c",
  "rcuref.c",
  "percpu.c",
  "cred-local.c",
  "hazard.c",
  "hazard-pointer.c",
  "driver.c",
];

/** A library that is compared with where it is installed. */
interface Library {
  readonly name: string;
  /** Debian package that brings it. */
  readonly package: string;
  readonly headers: readonly string[];
  readonly define: string;
  readonly sources: readonly string[];
  readonly links: readonly string[];
}

const libraries: readonly Library[] = [
  {
    name: "Concurrency Kit",
    package: "libck-dev",
    headers: ["ck_pr.h", "ck_hp.h"],
    define: "HAVE_CK",
    sources: ["ck.c"],
    links: ["-lck"],
  },
  {
    name: "liburcu",
    package: "liburcu-dev",
    headers: ["urcu.h", "urcu-qsbr.h"],
    define: "HAVE_URCU",
    sources: ["urcu-qsbr.c", "urcu-memb.c"],
    links: ["-lurcu-qsbr", "-lurcu-memb", "-lurcu-common"],
  },
];

export interface PeerBuild {
  /** Path of the program that `PeerProcess` drives. */
  readonly program: string;
  /** Name and version of the compiler, its first line of `--version`. */
  readonly compiler: string;
  /** Libraries that were not found, with the package that would bring them. */
  readonly missing: readonly { readonly name: string; readonly package: string }[];
}

/** The first of $CC, gcc, cc that answers `--version`, or undefined. */
export function findCompiler(): { readonly command: string; readonly version: string } | undefined {
  for (const command of [process.env.CC, "gcc", "cc"]) {
    if (command === undefined || command === "") continue;
    const answer = spawnSync(command, ["--version"], { encoding: "utf8" });
    if (answer.status === 0) return { command, version: answer.stdout.split("\n", 1)[0] ?? command };
  }
  return undefined;
}

/** Whether a program that includes the headers and links the libraries compiles. */
function isInstalled(compiler: string, library: Library): boolean {
  const scratch = mkdtempSync(join(tmpdir(), "refplay-peers-"));
  try {
    const source = join(scratch, "probe.c");
    const includes = library.headers.map((header) => `#include <${header}>\n`).join("");
    writeFileSync(source, `${includes}int main(void) { return 0; }\n`);
    const args = [source, "-o", join(scratch, "probe"), "-pthread", ...library.links];
    return spawnSync(compiler, args, { stdio: "ignore" }).status === 0;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function newestSourceMs(): number {
  const names = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  return Math.max(...names.map((name) => statSync(join(folder, name)).mtimeMs));
}

/**
 * Builds the peers unless they are newer than their sources.
 * @throws RefplayError `no-peers` in an installed package, `no-c-compiler`, `peers-not-built`
 */
export function buildPeers(): PeerBuild {
  if (!existsSync(folder)) {
    throw new RefplayError("no-peers", "the C peers are not in the installed package", {
      hint: "They are in a clone of the repository, under bench/peers.",
    });
  }
  const compiler = findCompiler();
  if (compiler === undefined) {
    throw new RefplayError(
      "no-c-compiler",
      "the C peers need a compiler, and neither $CC, gcc nor cc was found",
      {
        hint: "install one (Debian: apt-get install gcc libc6-dev)",
      },
    );
  }
  const found = libraries.filter((library) => isInstalled(compiler.command, library));
  const missing = libraries.filter((library) => !found.includes(library));
  // The name tells which libraries are inside, so that installing one makes a new build.
  const name = ["peers", ...found.map((library) => library.package)].join("+");
  const program = compile(compiler.command, name, [
    ...found.map((library) => `-D${library.define}`),
    ...ownSources,
    ...found.flatMap((library) => library.sources),
    ...found.flatMap((library) => library.links),
  ]);
  return { program, compiler: compiler.version, missing };
}

/** Builds the look-up in C, which runs on a copy of a kernel's memory; its path, or null without a compiler. */
export function buildFindPeer(): string | null {
  const compiler = findCompiler();
  return compiler === undefined ? null : compile(compiler.command, "label-find", ["label-find.c"]);
}

/** The path of a program in the build folder, made of these sources unless it is newer than all there are. */
function compile(compiler: string, name: string, args: readonly string[]): string {
  const program = join(folder, "build", name);
  if (existsSync(program) && statSync(program).mtimeMs >= newestSourceMs()) return program;
  mkdirSync(join(folder, "build"), { recursive: true });
  // Another process that builds at the same time must not find half a program.
  const made = `${program}.${process.pid}.tmp`;
  const result = spawnSync(compiler, [...flags, "-o", made, ...args], { cwd: folder, encoding: "utf8" });
  if (result.status !== 0) {
    throw new RefplayError("peers-not-built", `the C peers do not compile:\n${result.stderr}`);
  }
  renameSync(made, program);
  return program;
}
