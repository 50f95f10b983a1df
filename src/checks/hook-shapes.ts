/**
 * What the hook-level programs are put together from. Each CPU has a script; its first records, those that only bring tasks
 * and files into place, are executed one CPU after the other at boot, so that the search begins where it gets interesting.
 */
import type { CheckActor, CheckCall } from "../engines/check/types.ts";
import { Audit } from "../kernel/audit.ts";
import { type BootPopulation, bootArguments } from "../kernel/boot-arguments.ts";
import { Event } from "../kernel/events.ts";
import { call, softirq } from "./shapes.ts";
import type { ProgramShape } from "./types.ts";

/** A record; operands that are left out are 0. */
export type ScriptLine = readonly [event: Event, a?: number, b?: number, c?: number];

/** What one CPU does. */
export interface CpuScript {
  readonly name: string;
  /** Executed before the actors begin, after those of the CPUs before this one. */
  readonly before: readonly ScriptLine[];
  readonly script: readonly ScriptLine[];
}

export interface KernelSetting
  extends Omit<BootPopulation, "descriptorsPerTask" | "threadsPerProcess" | "channels"> {
  /** Descriptors of each task. */
  readonly descriptors: number;
  readonly channels?: number;
  /** From CPU 0. */
  readonly cpus: readonly CpuScript[];
}

function encode(lines: readonly ScriptLine[]): Int32Array {
  const records: readonly ScriptLine[] = [...lines, [Event.end]];
  return Int32Array.from(records.flatMap(([event, a = 0, b = 0, c = 0]) => [event, a, b, c]));
}

/** Boot, one actor for each script and one for RCU callbacks, the end of all. The last outcomes are policy errors, script errors. */
export function kernelShape({ descriptors, channels = 0, cpus, ...rest }: KernelSetting): ProgramShape {
  const population = { ...rest, descriptorsPerTask: descriptors, threadsPerProcess: 1, channels };
  const prepare = cpus.flatMap(({ before }, cpu): CheckCall[] =>
    before.length === 0 ? [] : [{ entry: "run", args: [cpu, before.length], cpu }],
  );
  const bootCpus = Array.from({ length: cpus.length + 1 }, (_, cpu) => ({
    entry: "bootCpu",
    args: [cpu],
    cpu,
  }));
  const actors = cpus.map(
    ({ name }, cpu): CheckActor => ({ name, role: "script", cpu, entry: "run", args: [cpu, 0] }),
  );
  return {
    actors: [...actors, softirq(cpus.length)],
    cpus: cpus.length + 1,
    scripts: cpus.map(({ before, script }) => encode([...before, ...script])),
    boot: [call("boot", ...bootArguments(population)), ...bootCpus, ...prepare],
    finish: [call("dismantle"), call("audit", Audit.allPolicyErrors), call("audit", Audit.allScriptErrors)],
  };
}

/** The records that confine task `task` by profile `profile` on a CPU that runs it from then on. */
export function confined(task: number, profile: number): ScriptLine[] {
  return [
    [Event.switchTask, task],
    [Event.changeProfile, profile],
  ];
}

/** A CPU whose task, which must be unconfined, removes profile `profile`. */
export function remover(name: string, task: number, profile: number): CpuScript {
  return { name, before: [[Event.switchTask, task]], script: [[Event.removeProfile, profile]] };
}

/** `count` of something, told apart by its number from 0 and by a name that counts from 1 where there are several. */
export function row<T>(name: string, count: number, make: (name: string, index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) =>
    make(count === 1 ? name : `${name} ${index + 1}`, index),
  );
}

export function repeated(count: number, lines: readonly ScriptLine[]): ScriptLine[] {
  return Array.from({ length: count }, () => lines).flat();
}
