/** A process of `proc-dedup` on the reference engine, step by step. */
import { createDirect } from "../../../../src/engines/reference/index.ts";
import { Event } from "../../../../src/kernel/events.ts";
import { DedupAudit } from "../../../../src/kernel/procfs/dedup/dedup-names.ts";
import { procProgram } from "../support.ts";

export const dedupSource = "src/kernel/procfs/dedup/program.ts";

/** What the variants' options are; the same as in `src/scenarios/proc-dedup.ts`. */
export const variantOptions: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  copies: { links: 0 },
  "symlink-task": { links: 1 },
  "symlink-files": { links: 2 },
  "symlink-tgid": { links: 3 },
  "hard-link": { hardLinks: 1 },
};

/** Arguments of `boot`. */
export interface Size {
  readonly threads: number;
  readonly files: number;
  readonly others?: number;
  readonly ns?: number;
  readonly net?: number;
  readonly attr?: number;
}

export function bootOf({ threads, files, others = 1, ns = 1, net = 1, attr = 1 }: Size): number[] {
  return [threads, files, others, 6, ns, net, attr];
}

export type Step = readonly [event: number, a?: number, b?: number, c?: number];

export function scriptOf(steps: readonly Step[]): Int32Array {
  return Int32Array.from([
    ...steps.flatMap(([event, a = 0, b = 0, c = 0]) => [event, a, b, c]),
    Event.end,
    0,
    0,
    0,
  ]);
}

/** A booted program that executes `steps`, as many at a time as `run` is told, on CPU 0. */
export function process(options: Readonly<Record<string, number>>, size: Size, steps: readonly Step[]) {
  const program = procProgram(dedupSource, options);
  const machine = createDirect(program, { cpus: 1, scripts: [scriptOf(steps)], memoryWords: 2 ** 18 });
  machine.call("boot", bootOf(size));
  machine.call("bootCpu", [0]);
  const settle = (): void => {
    while (machine.gracePeriod(0) > 0);
  };
  return {
    /** Executes so many steps (0: all that are left) and the callbacks that they queue. */
    run(count: number): void {
      machine.call("run", [0, count]);
      settle();
    },
    audit: (counter: number): number => machine.call("audit", [counter]),
    /** Dentries and inodes beside those of procfs' root. */
    pairs: (): readonly [number, number] => [
      machine.call("audit", [DedupAudit.dentries]) - 1,
      machine.call("audit", [DedupAudit.inodes]) - 1,
    ],
    /** Takes everything down; what is left of dentries, inodes, pids, tasks and unused dentries. */
    end(): readonly number[] {
      machine.call("dismantle");
      settle();
      const kinds = ["dentries", "inodes", "pids", "tasks", "unused"] as const;
      return kinds.map((kind) => machine.call("audit", [DedupAudit[kind]]));
    },
  };
}
