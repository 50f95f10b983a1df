/**
 * The Promela models as data, and how SPIN runs them: `spin -a` makes a verifier in C, a compiler builds it, and the verifier
 * visits every state. Models are bench/peers/promela/*.pml; each says the same as one of the checker's bare programs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCompiler } from "../../src/bench/peers.ts";
import { RefplayError } from "../../src/errors.ts";

export interface PromelaModel {
  /** File name without `.pml`, which is the name of the checker's program of the same operations. */
  readonly name: string;
  /** Its strategy where it calls one. */
  readonly strategy: string | null;
  /** Macro of the model for each bound of the program that it leaves open. */
  readonly macros: Readonly<Record<string, string>>;
  /** The program's other bounds, as the model has them. */
  readonly fixed: Readonly<Record<string, number>>;
  /**
   * Bounds of the comparison. SPIN knows no symmetry: these are large enough that it takes seconds, so that starting a process
   * and compiling at run time do not decide, and small enough that its states stay below a gigabyte.
   */
  readonly bounds: Readonly<Record<string, number>>;
  /** Bugs that the model can be given (`-DBUG=n`), by what they leave out. */
  readonly bugs: readonly string[];
}

export const promelaModels: readonly PromelaModel[] = [
  {
    name: "get-put",
    strategy: "kref",
    macros: { users: "USERS", rounds: "ROUNDS" },
    fixed: {},
    bounds: { users: 8, rounds: 3 },
    bugs: ["an atomic subtraction"],
  },
  {
    name: "put-vs-look-up",
    strategy: "kref",
    macros: { readers: "READERS", rounds: "ROUNDS" },
    fixed: { writers: 1 },
    bounds: { readers: 4, rounds: 3 },
    bugs: ["the look whether the count is 0", "the grace period"],
  },
  {
    name: "hazard",
    strategy: null,
    macros: { readers: "READERS", rounds: "ROUNDS", writers: "WRITERS" },
    fixed: {},
    bounds: { readers: 3, rounds: 3, writers: 2 },
    bugs: ["the second look at the source", "the scan of the last slot"],
  },
];

const folder = join(dirname(fileURLToPath(import.meta.url)), "promela");

export function modelPath(model: PromelaModel): string {
  return join(folder, `${model.name}.pml`);
}

export interface SpinTools {
  /** "Spin Version 6.5.2". */
  readonly spin: string;
  readonly compiler: { readonly command: string; readonly version: string };
}

/** Version of SPIN and the C compiler, or what is missing, as a sentence. */
export function findSpin(): SpinTools | string {
  const answer = spawnSync("spin", ["-V"], { encoding: "utf8" });
  if (answer.status !== 0) return "SPIN is not compared: install spin (Debian: apt-get install spin)";
  const compiler = findCompiler();
  if (compiler === undefined) return "SPIN is not compared: its verifiers need a C compiler";
  return { spin: answer.stdout.split(" -- ", 1)[0]?.trim() ?? "spin", compiler };
}

export interface PanResult {
  /** Broken properties that it met; it stops at the first. */
  readonly errors: number;
  readonly states: number;
  readonly transitions: number;
  /** The verifier's own measure of its search, which leaves out starting the process. */
  readonly searchMs: number;
  /** Processor time of the verifier's process, which other load on the machine does not lengthen. */
  readonly cpuMs: number;
  /** Longest path. */
  readonly depth: number;
}

/** A compiled verifier in a folder of its own. */
export class Verifier {
  private constructor(private readonly scratch: string) {}

  /**
   * Bounds are the program's names; `bug` 0 is the correct model, `level` the compiler's. Throws a RefplayError with what SPIN
   * or the compiler said.
   */
  static build(
    tools: SpinTools,
    model: PromelaModel,
    bounds: Readonly<Record<string, number>>,
    { bug = 0, level = "-O2" } = {},
  ): Verifier {
    const scratch = mkdtempSync(join(tmpdir(), "refplay-spin-"));
    const defines = Object.entries(bounds).map(([bound, value]) => {
      const macro = model.macros[bound];
      if (macro === undefined) throw new Error(`${model.name}.pml has no macro for the bound ${bound}`);
      return `-D${macro}=${value}`;
    });
    // Partial-order reduction is on unless taken out. State compression was measured: slower, and memory is not short.
    const steps: readonly (readonly [string, readonly string[]])[] = [
      ["spin", [...defines, `-DBUG=${bug}`, "-a", modelPath(model)]],
      [tools.compiler.command, [level, "-w", "-DSAFETY", "-o", "pan", "pan.c"]],
    ];
    for (const [command, args] of steps) {
      const result = spawnSync(command, args, { cwd: scratch, encoding: "utf8" });
      if (result.status === 0) continue;
      rmSync(scratch, { recursive: true, force: true });
      throw new RefplayError(
        "peers-not-built",
        `${model.name}.pml: ${command} failed:\n${result.stdout}${result.stderr}`,
      );
    }
    return new Verifier(scratch);
  }

  /** Searches everything. `hashBits` is the size of the verifier's table, 2^n slots of 8 bytes. */
  run(hashBits = 24): PanResult {
    // SPIN stops at depth 10,000 unless told otherwise, and would then not have seen everything. The shell tells what
    // processor time its child took.
    const script = `./pan -m1000000 -w${hashBits}; times`;
    const result = spawnSync("sh", ["-c", script], {
      cwd: this.scratch,
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    return parsePan(result.stdout);
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** What a verifier and then the shell's `times` printed. Throws where that is no whole report: out of memory, or the search was cut off at its depth. */
export function parsePan(text: string): PanResult {
  const figure = (pattern: RegExp): number => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined)
      throw new Error(`no ${pattern.source} in what SPIN's verifier printed:\n${text}`);
    return Number(found);
  };
  const errors = figure(/errors: (\d+)/);
  // After an error it stops, and says that it did not complete; without one that means that it ran out of something.
  if (/max search depth too small/.test(text) || (errors === 0 && /Search not completed/.test(text)))
    throw new Error(`SPIN's verifier did not see everything:\n${text}`);
  return {
    errors,
    states: figure(/([\d.e+]+) states, stored/),
    transitions: figure(/([\d.e+]+) transitions/),
    cpuMs: cpuMsIn(text),
    searchMs: 1000 * figure(/elapsed time ([\d.e+-]+) seconds/),
    depth: figure(/depth reached (\d+)/),
  };
}

/** User and system time of a shell's children, the last line of its `times`: "0m4.140s 0m0.110s". */
function cpuMsIn(text: string): number {
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const parts = [...last.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
}
