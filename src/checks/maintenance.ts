/**
 * What a strategy whose labels are only released while `maintain` is called gets in addition: an actor that calls it at any time,
 * and calls of it at the end, when all holders have dropped their references.
 */
import type { CheckCall } from "../engines/check/types.ts";
import type { CheckProgram, ProgramShape } from "./types.ts";

/** Runs of the actor: what the first finds in use the second may find free. Programs through the kernel are too large for two. */
const rounds = { bare: 2, hooks: 1, "kernel bug": 2 } as const;

/** Calls at the end. A label that goes may have kept another (a compound its parts, a proxy its newest): longest chain and one. */
const passes = 4;

/** The same program with an actor for maintenance, on a CPU of its own behind the others. */
export function maintained({ kind }: CheckProgram, shape: ProgramShape): ProgramShape {
  const cpu = shape.cpus;
  const run: CheckCall = { entry: "maintain", args: [cpu], cpu };
  const ready: readonly CheckCall[] = kind === "hooks" ? [{ entry: "bootCpu", args: [cpu], cpu }] : [];
  // The first call at the end drops what is left; others look at what is there then.
  return {
    ...shape,
    cpus: cpu + 1,
    actors: [...shape.actors, { name: "maintenance", role: "maintenance", rounds: rounds[kind], ...run }],
    boot: [...shape.boot, ...ready],
    finish: [
      ...shape.finish.slice(0, 1),
      ...Array.from({ length: passes }, () => run),
      ...shape.finish.slice(1),
    ],
  };
}
