/** bench/peers/label-find.c on a copy of a kernel's memory, as a child process: a number in, a time out. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { LabelKernel } from "./label-kernel.ts";
import { isUndisturbed, waitedNs } from "./undisturbed.ts";

/** Offsets as the C program names them, by the constant of bench/programs/label-set.ts that has each. */
const offsets = {
  slots: "globalLabelSlots",
  order: "benchOrder",
  slotBytes: "slotBytes",
  node: "labelNode",
  flags: "labelFlags",
  size: "labelSize",
  vec: "labelVec",
  namespace: "profileNamespace",
  set: "namespaceSet",
  sequence: "setSequence",
  pending: "setPending",
} as const;

export class FindPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, folder: string) {
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.#waiting.shift()?.(line));
    this.#ended = new Promise((resolve) => {
      child.on("close", () => {
        for (const answer of this.#waiting.splice(0)) answer("-1");
        rmSync(folder, { recursive: true, force: true });
        resolve();
      });
    });
  }

  /** Copies the memory of a kernel whose workers are idle; `block` is what `prepare` returned there. */
  static open(program: string, kernel: LabelKernel, block: number): FindPeer {
    const folder = mkdtempSync(join(tmpdir(), "refplay-labels-"));
    const copy = join(folder, "memory");
    writeFileSync(copy, new Uint8Array(kernel.threads.cells.slice().buffer));
    const { constants } = kernel.program.ir;
    const values = Object.entries(offsets).map(([name, constant]) => {
      const value = constants.get(constant);
      if (value === undefined) throw new Error(`the program has no constant ${constant}`);
      return `${name}=${value}`;
    });
    const child = spawn(program, [copy, `block=${block}`, ...values], { stdio: ["pipe", "pipe", "inherit"] });
    return new FindPeer(child, folder);
  }

  /**
   * Time in ns of that many look-ups; null where somebody else had the processor meanwhile. Error where a label was not found, or
   * the program ended.
   */
  async run(turns: number): Promise<number | null> {
    const waited = this.#waitedNs();
    const line = await new Promise<string>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(`run ${turns}\n`);
    });
    const ns = Number(line);
    if (!(ns > 0)) throw new Error("the look-up in C did not find every label");
    return isUndisturbed(ns, waited, this.#waitedNs()) ? ns : null;
  }

  #waitedNs(): number | null {
    return this.#child.pid === undefined ? null : waitedNs(this.#child.pid);
  }

  async close(): Promise<void> {
    this.#child.stdin.end("quit\n");
    await this.#ended;
  }
}
