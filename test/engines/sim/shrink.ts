/** Makes a random job that shows a difference as small as leaving parts out can make it. */

import { SimFlags, SimStep } from "../../programs/sim-steps.ts";
import { jobOf, type RandomJob } from "./random-job.ts";

/** Leaves out of `items` whatever `shows` does not need, larger pieces first. */
function without<T>(items: readonly T[], shows: (rest: readonly T[]) => boolean): readonly T[] {
  let kept = items;
  for (let piece = Math.ceil(items.length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + piece)];
      if (shows(rest)) kept = rest;
      else at += piece;
    }
  }
  return kept;
}

/** The smallest job found that still `shows` it. Groups are left out whole, so nothing comes to wait for ever. */
export function shrink(job: RandomJob, shows: (smaller: RandomJob) => boolean): RandomJob {
  let least: RandomJob = job;
  const attempt = (smaller: RandomJob): boolean => {
    if (!shows(smaller)) return false;
    least = smaller;
    return true;
  };
  without(job.groups, (groups) => attempt({ ...least, groups }));
  if (least.more.maintenance === true) attempt({ ...least, more: {} });
  const used = Math.max(0, ...least.groups.flatMap((group) => [...group.keys()]));
  for (let cpus = 1; cpus < least.cpus && cpus <= used + 1; cpus++) {
    if (cpus === used + 1) attempt({ ...least, cpus });
  }
  for (const change of [
    { scaling: [] },
    { holdNs: 0, mostHoldNs: 0 },
    { lineBytes: 64 },
    { storeNs: 0 },
  ] as const)
    attempt({ ...least, machine: { ...least.machine, ...change } });
  return least;
}

/** A job as a reader can follow it. */
export function printed({ seed, machine, cpus, groups, more }: RandomJob): string {
  const job = jobOf({ seed, machine, cpus, groups, more });
  const scripts = job.scripts.flatMap((script, cpu) => {
    const lines = [`CPU ${cpu}:`];
    for (let at = 0; script[at] !== SimStep.end; at += 4) {
      const first = script[at] as number;
      const flags = `${first & SimFlags.fromLast ? " fromLast" : ""}${first & SimFlags.indexed ? " indexed" : ""}`;
      lines.push(`  ${SimStep[first & 255]} ${script.slice(at + 1, at + 4).join(" ")}${flags}`);
    }
    return lines;
  });
  return [
    `seed ${JSON.stringify(seed)}`,
    JSON.stringify(machine),
    JSON.stringify({ ...more, program: more.program?.constants.get("strategy.maintenanceIntervalMs") }),
    ...scripts,
  ].join("\n");
}
