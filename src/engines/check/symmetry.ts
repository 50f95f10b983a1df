/**
 * Which actors are interchangeable, and what swapping two of them means.
 *
 * Actors of a group run the same entry with the same arguments but for their CPU number, and use that number only to find
 * their CPU's area (the linker checks this, `SteppedProgram.cpuMisuse`). Swapping two of them swaps their locals, their store
 * buffers and the contents of their areas; an address within the own area is the same thing on every CPU, so it is kept
 * relative to the area. A state and its swapped twin have the same futures up to swapping (Ip and Dill, "Better Verification
 * Through Symmetry", 1996), so one of them is enough. Two things forbid a swap: an address of somebody's area that somebody
 * else knows (that state is then kept as it is), and an access to somebody else's area (the group is then given up: a scan
 * over all CPUs has an order, and reading CPU 0 first is not the same as reading it last). A group is given up, too, when one
 * of it stores, compares or reads back an address of an area: what it then computes from it no analysis follows.
 */
import type { CheckMachine } from "./machine.ts";
import type { CheckActor } from "./types.ts";

/** Where addresses of the own area are moved to while a state is kept; no memory is that large. */
const relativeBase = 0x7a000000;

export class Symmetry {
  /** Actors of each group, ascending; two or more. */
  readonly groups: readonly (readonly number[])[];
  /** By actor: the first actor of its group, or itself. */
  readonly leader: Int32Array;
  /** By actor: 1 where it is in a group. */
  private readonly members: Uint8Array;
  /** By actor: first byte of its CPU's area, or 0 where it is in no group or the program has no areas. */
  private readonly areas: Int32Array;
  readonly areaBytes: number;
  private readonly lowest: number;
  private readonly highest: number;
  /** Offsets in the areas at which members do not begin alike: who touches one is not interchangeable. */
  private readonly unequal = new Set<number>();

  constructor(machine: CheckMachine, groups: readonly (readonly number[])[]) {
    this.groups = groups;
    const { constants } = machine.program;
    const base = constants.get("cpuAreaBase") ?? 0;
    this.areaBytes = constants.get("cpuAreaBytes") ?? 0;
    this.leader = Int32Array.from(machine.problem.actors, (_, actor) => actor);
    this.members = new Uint8Array(machine.actorCount);
    this.areas = new Int32Array(machine.actorCount);
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (const group of groups) {
      for (const actor of group) {
        this.leader[actor] = group[0] as number;
        this.members[actor] = 1;
        if (this.areaBytes === 0) continue;
        const area = base + (machine.problem.actors[actor]?.cpu ?? 0) * this.areaBytes;
        this.areas[actor] = area;
        lowest = Math.min(lowest, area);
        highest = Math.max(highest, area + this.areaBytes);
      }
    }
    this.lowest = lowest;
    this.highest = highest;
    for (const group of groups) this.compareAreas(machine, group);
  }

  private compareAreas(machine: CheckMachine, group: readonly number[]): void {
    const { memory } = machine.world;
    const first = group[0] as number;
    for (let offset = 0; offset < this.areaBytes; offset += 4) {
      const expected = this.relative(first, memory[(this.areaOf(first) + offset) >> 2] as number);
      const alike = group.every((actor) => {
        return this.relative(actor, memory[(this.areaOf(actor) + offset) >> 2] as number) === expected;
      });
      if (!alike) this.unequal.add(offset);
    }
  }

  /** Whether the cell, which lies in the area of some member, began with something else in another member's. */
  differs(address: number): boolean {
    if (this.unequal.size === 0) return false;
    const owner = this.ownerOf(address);
    return this.unequal.has(address - (this.areas[owner] as number));
  }

  /** The actors of a member's group, itself included. */
  peersOf(actor: number): readonly number[] {
    return this.groups.find((group) => group[0] === this.leader[actor]) ?? [actor];
  }

  isMember(actor: number): boolean {
    return this.members[actor] === 1;
  }

  areaOf(actor: number): number {
    return this.areas[actor] as number;
  }

  /** The actor whose area the address lies in, or -1. */
  ownerOf(address: number): number {
    if (address < this.lowest || address >= this.highest) return -1;
    for (let actor = 0; actor < this.areas.length; actor++) {
      const area = this.areas[actor] as number;
      if (area !== 0 && address >= area && address < area + this.areaBytes) return actor;
    }
    return -1;
  }

  /** A value as it is kept: an address of the actor's own area is moved to where it is the same for every actor. */
  relative(actor: number, value: number): number {
    const area = this.areas[actor] as number;
    if (area === 0 || value < area || value >= area + this.areaBytes) return value;
    return value - area + relativeBase;
  }

  /** The value that `relative` made of it. */
  absolute(actor: number, value: number): number {
    const area = this.areas[actor] as number;
    if (area === 0 || value < relativeBase || value >= relativeBase + this.areaBytes) return value;
    return value - relativeBase + area;
  }

  /** Whether a value, as the actor (-1: nobody) has it, is an address of somebody else's area. */
  isForeign(actor: number, value: number): boolean {
    if (value < this.lowest || value >= this.highest) return false;
    const owner = this.ownerOf(value);
    return owner >= 0 && owner !== actor;
  }
}

/** The machine's groups of interchangeable actors; each has two or more. */
export function findGroups(machine: CheckMachine): number[][] {
  const named = new Map<string, number[]>();
  machine.problem.actors.forEach(({ group }, actor) => {
    if (group === undefined) return;
    const members = named.get(group);
    if (members === undefined) named.set(group, [actor]);
    else members.push(actor);
  });
  return [...named.values()].filter((members) => members.length > 1 && areAlike(machine, members));
}

function areAlike(machine: CheckMachine, members: readonly number[]): boolean {
  const { program, problem } = machine;
  const first = problem.actors[members[0] as number];
  if (first === undefined || program.cpuMisuse(first.entry) !== null) return false;
  // Only the CPU's area follows a swap: the number must not find anything else.
  const area = program.constants.get("cpuAreaBase") ?? 0;
  const bytes = program.constants.get("cpuAreaBytes") ?? 0;
  const finds = program.cpuAreas(first.entry);
  if (
    !finds.every(
      ({ base, stride }) => base !== null && base >= area && base < area + bytes && stride === bytes,
    )
  ) {
    return false;
  }
  // An address of a certain area, written out, would not follow either.
  const end = area + problem.cpus * bytes;
  const written = [...program.constantsOf(first.entry), ...first.args];
  if (written.some((value) => value >= area && value < end)) return false;
  const cpus = new Set(members.map((member) => problem.actors[member]?.cpu));
  if (cpus.size !== members.length) return false;
  return members.every((member) => {
    const actor = problem.actors[member];
    if (actor === undefined || actor.entry !== first.entry || actor.role !== first.role) return false;
    const numbers = program.entries.get(actor.entry)?.cpuParameters ?? [];
    if (numbers.some((parameter) => actor.args[parameter] !== actor.cpu)) return false;
    if ((actor.rounds ?? 1) !== (first.rounds ?? 1) || actor.args.length !== first.args.length) return false;
    return sameStart(machine, member, members[0] as number) && sameScript(machine, actor.cpu, first.cpu);
  });
}

/** Whether two actors begin alike but for what certainly is their CPU number. */
function sameStart(machine: CheckMachine, member: number, other: number): boolean {
  const { program, problem, stride } = machine;
  const words = new Int32Array(stride * 2);
  [member, other].forEach((index, place) => {
    const { entry, args, cpu } = problem.actors[index] as CheckActor;
    program.start(words, place * stride, entry, args, { cpu, scriptBase: 0 });
  });
  const pc = words[0] as number;
  const numbers = program.cpuWords(pc, (problem.actors[member] as CheckActor).entry);
  return program
    .liveWords(pc)
    .every((word) => words[word] === words[stride + word] || numbers.includes(word));
}

function sameScript(machine: CheckMachine, cpu: number, other: number): boolean {
  const a = machine.problem.scripts?.[cpu] ?? [];
  const b = machine.problem.scripts?.[other] ?? [];
  return a.length === b.length && a.every((cell, i) => cell === b[i]);
}
