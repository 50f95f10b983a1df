/**
 * Draws programs for the checker's fuzz. They are small on purpose: the naive search that judges the others has to see every
 * interleaving. What decides its work is known beforehand well enough (`guessInterleavings`) to draw again where it is too much.
 */
import {
  allSteps,
  bodyOf,
  type CellName,
  type CheckActorProgram,
  type CheckFuzzProgram,
  type CheckStep,
  callbackBodies,
  type ObjectName,
  type Place,
  type Register,
  registers,
  type Value,
  walkSteps,
} from "./check-program.ts";
import { Rng } from "./random.ts";

/** Interleavings that a program may have by guess; those of which it turns out wrong are left out when compared. */
const guessLimit = 20_000;

/** What a program may be about; most are about one thing and a little of another. */
interface Theme {
  readonly rmws: number;
  readonly awaits: number;
  readonly rcu: number;
  readonly objects: number;
  readonly control: number;
}

const themes: readonly Theme[] = [
  { rmws: 1, awaits: 0, rcu: 0, objects: 0, control: 1 },
  { rmws: 3, awaits: 1, rcu: 0, objects: 0, control: 1 },
  { rmws: 1, awaits: 4, rcu: 0, objects: 0, control: 1 },
  { rmws: 1, awaits: 0, rcu: 4, objects: 1, control: 0 },
  { rmws: 1, awaits: 1, rcu: 1, objects: 4, control: 1 },
  { rmws: 0, awaits: 0, rcu: 3, objects: 3, control: 2 },
  { rmws: 1, awaits: 1, rcu: 1, objects: 1, control: 3 },
];

/** The program of a seed. */
export function generateCheckProgram(seed: string): CheckFuzzProgram {
  const rng = new Rng(seed);
  for (;;) {
    const program = draw(seed, rng);
    if (guessInterleavings(program) <= guessLimit) return program;
  }
}

function draw(seed: string, rng: Rng): CheckFuzzProgram {
  const theme = rng.pick(themes);
  const cells = rng.pick<readonly CellName[]>([["x", "y"], ["x", "y"], ["x", "y", "z"], ["x"]]);
  const generator = new Generator(rng, theme, cells);
  const actors: CheckActorProgram[] = [];
  const count = rng.weighted([
    [3, 2],
    [2, 3],
  ] as const);
  for (let left: number = count; left > 0; ) {
    const copies = left > 1 && rng.chance(0.25) ? rng.between(2, left) : 1;
    actors.push({ ...generator.actor(count === 2 ? 5 : 3), copies });
    left -= copies;
  }
  const maintenance = {
    steps: rng.chance(0.08) ? generator.steps(rng.between(1, 2), 0) : [],
    rounds: rng.between(1, 2),
  };
  const names = Object.keys(callbackBodies) as (keyof typeof callbackBodies)[];
  const drawn: CheckFuzzProgram = {
    seed,
    actors,
    callback: rng.pick(names),
    maintenance,
    born: ["p", "q"],
    final: cells.filter(() => rng.chance(0.5)),
    leaks: rng.chance(0.4),
  };
  return settle(drawn, rng.chance(0.85));
}

/** Without a softirq actor that has nothing to do, and with those objects born that are used before anybody makes them. */
function settle(program: CheckFuzzProgram, born: boolean): CheckFuzzProgram {
  const steps = allSteps(program);
  const calls = steps.some((step) => step.kind === "callRcu");
  const used = program.born.filter((object) => steps.some((step) => mentions(step, object)));
  const made = (object: ObjectName) =>
    steps.some((step) => step.kind === "allocated" && step.object === object);
  return {
    ...program,
    callback: calls ? program.callback : null,
    born: used.filter((object) => born && !made(object)),
  };
}

function mentions(step: CheckStep, object: ObjectName): boolean {
  if ("object" in step) return step.object === object;
  return "place" in step && step.place === `${object} + 32`;
}

class Generator {
  private readonly rng: Rng;
  private readonly theme: Theme;
  private readonly cells: readonly CellName[];
  private inSection = false;

  constructor(rng: Rng, theme: Theme, cells: readonly CellName[]) {
    this.rng = rng;
    this.theme = theme;
    this.cells = cells;
  }

  actor(most: number): Omit<CheckActorProgram, "copies"> {
    const { rng } = this;
    const steps = this.steps(rng.between(Math.floor(most / 2), most), 0);
    const set = new Set<Register | null>();
    walkSteps(steps, (step) => set.add("into" in step ? step.into : null));
    return { steps, shown: registers.filter((register) => set.has(register) && rng.chance(0.75)) };
  }

  steps(count: number, depth: number): CheckStep[] {
    const made: CheckStep[] = [];
    for (let left = count; left > 0; ) {
      const step = this.step(left, depth);
      made.push(step);
      left -= weightOf(step);
    }
    return made;
  }

  private place(): Place {
    if (this.theme.objects > 0 && this.rng.chance(0.1 * this.theme.objects)) return `${this.object()} + 32`;
    return this.rng.pick(this.cells);
  }

  private object(): ObjectName {
    return this.rng.chance(0.8) ? "p" : "q";
  }

  private value(): Value {
    return this.rng.chance(0.2) ? this.register() : this.rng.between(0, 2);
  }

  private register(): Register {
    return this.rng.pick(registers);
  }

  private maybeRegister(): Register | null {
    return this.rng.chance(0.5) ? this.register() : null;
  }

  private step(left: number, depth: number): CheckStep {
    const { rng, theme } = this;
    const inner = depth < 2 && left > 1 ? 1 : 0;
    const make = rng.weighted<() => CheckStep>([
      [
        5,
        () => ({
          kind: "load",
          op: rng.pick(["load", "loadAcquire"]),
          place: this.place(),
          into: this.register(),
        }),
      ],
      [
        6,
        () => ({
          kind: "store",
          op: rng.pick(["store", "store", "storeRelease"]),
          place: this.place(),
          value: this.value(),
        }),
      ],
      [1, () => ({ kind: "fence", op: rng.pick(["fence", "fence", "fence", "loadFence", "storeFence"]) })],
      [theme.rmws, () => this.readModifyWrite()],
      [theme.awaits, () => this.await()],
      // Inside a section it waits for itself, which ends the program at once.
      [theme.rcu * (this.inSection ? 0.02 : 0.8), () => ({ kind: "synchronizeRcu" })],
      [
        theme.rcu * 0.6,
        () => ({ kind: "callRcu", object: this.object(), callback: rng.chance(0.8) ? 1 : 2 }),
      ],
      [theme.rcu * 2 * inner, () => this.section(left, depth)],
      [theme.objects * 0.6, () => ({ kind: "freed", object: this.object() })],
      [theme.objects * 0.2, () => ({ kind: "allocated", object: this.object() })],
      [theme.control * 1.5 * inner, () => this.condition(left, depth)],
      [theme.control * 0.5 * inner, () => ({ kind: "repeat", times: 2, body: this.body(left, depth, 1) })],
      [
        theme.awaits * 0.4 * inner,
        () => ({ kind: "locked", place: rng.pick(this.cells), body: this.body(left, depth, 1) }),
      ],
    ]);
    return make();
  }

  private body(left: number, depth: number, most: number): CheckStep[] {
    return this.steps(this.rng.between(1, Math.min(most, left - 1)), depth + 1);
  }

  private section(left: number, depth: number): CheckStep {
    const outer = this.inSection;
    this.inSection = true;
    const body = this.body(left, depth, 2);
    this.inSection = outer;
    return { kind: "section", body };
  }

  private condition(left: number, depth: number): CheckStep {
    const { rng } = this;
    return {
      kind: "if",
      register: this.register(),
      relation: rng.pick(["===", "!=="]),
      value: rng.between(0, 2),
      body: this.body(left, depth, 2),
    };
  }

  private readModifyWrite(): CheckStep {
    const { rng } = this;
    const place = this.place();
    const into = this.maybeRegister();
    const kind = rng.below(6);
    if (kind === 0) return { kind: "increment", place };
    if (kind < 3) {
      return { kind: "compareExchange", place, expected: rng.between(0, 1), desired: this.value(), into };
    }
    const op = rng.pick(["fetchAdd", "fetchAdd", "exchange", "fetchAnd", "fetchOr"] as const);
    return { kind: "rmw", op, place, value: this.value(), into };
  }

  private await(): CheckStep {
    const { rng } = this;
    const op = rng.pick(["awaitEqual", "awaitNotEqual", "awaitAtLeast"] as const);
    const value = op === "awaitNotEqual" ? rng.between(0, 1) : rng.between(1, 2);
    return { kind: "await", op, place: this.place(), value: rng.chance(0.9) ? value : 0 };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** What a step takes of an actor's budget. */
function weightOf(step: CheckStep): number {
  const inside = sum((bodyOf(step) ?? []).map(weightOf));
  if (step.kind === "repeat") return inside * step.times;
  if (step.kind === "if") return inside;
  if (step.kind === "locked") return inside + 2;
  return inside + (step.kind === "section" || step.kind === "synchronizeRcu" ? 1 : inside > 0 ? 0 : 1);
}

/** Transitions of a step under x86-TSO, about: what waits in a store buffer counts as one and a half. */
function transitionsOf(step: CheckStep): number {
  const inside = sum((bodyOf(step) ?? []).map(transitionsOf));
  switch (step.kind) {
    case "store":
    case "freed":
      return 1.5;
    case "callRcu":
      return step.callback === 1 ? 3.5 : 5.5;
    case "increment":
    case "synchronizeRcu":
      return 2;
    case "fence":
      return step.op === "fence" ? 1 : 0;
    case "section":
      return inside + 2;
    case "locked":
      return inside + 3;
    case "repeat":
      return inside * step.times;
    case "if":
      return inside * 0.7;
    default:
      return 1;
  }
}

/** Interleavings of that many transitions of each actor: a multinomial coefficient. */
export function guessInterleavings(program: CheckFuzzProgram): number {
  const lengths = program.actors.flatMap(({ steps, copies }) =>
    Array.from({ length: copies }, () => sum(steps.map(transitionsOf))),
  );
  lengths.push(sum(program.maintenance.steps.map(transitionsOf)) * program.maintenance.rounds);
  let ways = 1;
  let placed = 0;
  for (const length of lengths.map(Math.round)) {
    for (let i = 1; i <= length; i++) ways = (ways * ++placed) / i;
  }
  return ways;
}
