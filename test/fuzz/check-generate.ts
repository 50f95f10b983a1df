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

/** Interleavings that a program may have by guess; those of which it is far off are left out when compared. */
const guessLimit = 5000;

/** What a program may be about; most are about one thing and a little of another. */
interface Theme {
  /** Stores and loads of other cells behind them: what a store buffer changes. */
  readonly passing: number;
  readonly rmws: number;
  readonly awaits: number;
  readonly rcu: number;
  readonly callbacks: number;
  readonly objects: number;
  readonly control: number;
  /** The CPUs' own areas: 0 or 1. */
  readonly areas: number;
}

const themes: readonly Theme[] = [
  { passing: 18, rmws: 0.5, awaits: 0, rcu: 0, callbacks: 0, objects: 0, control: 0, areas: 0 },
  { passing: 16, rmws: 0.5, awaits: 0, rcu: 0, callbacks: 0, objects: 0, control: 0.5, areas: 0 },
  { passing: 4, rmws: 3, awaits: 1, rcu: 0, callbacks: 0, objects: 0, control: 1, areas: 0 },
  { passing: 2, rmws: 1, awaits: 5, rcu: 0, callbacks: 0, objects: 0, control: 1, areas: 0 },
  { passing: 2, rmws: 1, awaits: 0, rcu: 4, callbacks: 0, objects: 0, control: 0, areas: 0 },
  { passing: 1, rmws: 0.5, awaits: 0, rcu: 2, callbacks: 8, objects: 2, control: 1, areas: 0 },
  { passing: 0, rmws: 1, awaits: 0, rcu: 2, callbacks: 12, objects: 0, control: 0, areas: 0 },
  { passing: 3, rmws: 1, awaits: 0, rcu: 0, callbacks: 0, objects: 0, control: 1, areas: 1 },
  { passing: 1, rmws: 2, awaits: 0.5, rcu: 0.5, callbacks: 0, objects: 0, control: 1, areas: 1 },
  { passing: 10, rmws: 0, awaits: 0, rcu: 0, callbacks: 0, objects: 8, control: 5, areas: 0 },
  { passing: 2, rmws: 1, awaits: 1, rcu: 1, callbacks: 0, objects: 4, control: 1, areas: 0 },
  { passing: 1, rmws: 0, awaits: 0, rcu: 3, callbacks: 0, objects: 3, control: 2, areas: 0 },
  { passing: 1, rmws: 1, awaits: 1, rcu: 1, callbacks: 1, objects: 1, control: 3, areas: 0 },
];

/** The program of a seed, of at most about `most` interleavings. */
export function generateCheckProgram(seed: string, most = guessLimit): CheckFuzzProgram {
  const rng = new Rng(seed);
  // Once and for all: else whatever makes programs long would be drawn again until it is gone.
  const theme = rng.pick(themes);
  for (let tries = 0; ; tries++) {
    const program = draw(seed, rng, theme, Math.max(2, 5 - Math.floor(tries / 2)));
    if (guessInterleavings(program) <= most) return program;
  }
}

/** `most`: steps that an actor may have. */
function draw(seed: string, rng: Rng, theme: Theme, most: number): CheckFuzzProgram {
  const cells = rng.pick<readonly CellName[]>([["x", "y"], ["x", "y"], ["x", "y", "z"], ["x"]]);
  const generator = new Generator(rng, theme, cells);
  const actors: CheckActorProgram[] = [];
  const count = rng.weighted([
    [3, 2],
    [2, 3],
  ] as const);
  for (let left: number = count; left > 0; ) {
    const copies = left > 1 && rng.chance(theme.areas === 1 ? 0.8 : 0.3) ? rng.between(2, left) : 1;
    actors.push({ ...generator.actor(count === 2 ? most : Math.min(most, 3)), copies });
    left -= copies;
  }
  const maintenance = {
    steps: rng.chance(0.12) ? generator.steps(rng.between(1, 2), 0) : [],
    rounds: rng.between(1, 2),
  };
  const names = Object.keys(callbackBodies) as (keyof typeof callbackBodies)[];
  const drawn: CheckFuzzProgram = {
    seed,
    actors,
    callback: rng.pick(names),
    softirqs: rng.chance(0.8) ? 1 : 2,
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
    const steps = this.steps(rng.between(most > 2 ? 2 : 1, most), 0);
    const set = new Set<Register | null>();
    walkSteps(steps, (step) => set.add("into" in step ? step.into : null));
    return { steps, shown: registers.filter((register) => set.has(register) && rng.chance(0.85)) };
  }

  steps(count: number, depth: number): CheckStep[] {
    const made: CheckStep[] = [];
    for (let left = count; left > 0; ) {
      const drawn =
        left > 1 && this.rng.chance(this.theme.passing / 20) ? this.passing(depth) : [this.step(left, depth)];
      made.push(...drawn);
      left -= sum(drawn.map(weightOf));
    }
    return made;
  }

  /** A store and a load behind it, and perhaps something that is right only where the load did not come too early. */
  private passing(depth: number): CheckStep[] {
    const { rng, theme } = this;
    const cell = () => (theme.areas > 0 ? this.place() : rng.pick(this.cells));
    const first = cell();
    let second = cell();
    for (let tries = 0; tries < 3 && second === first; tries++) second = cell();
    const into = this.register();
    const pair: CheckStep[] = [
      {
        kind: "store",
        op: rng.pick(["store", "storeRelease"]),
        place: first,
        value: theme.areas > 0 ? this.value() : rng.between(1, 2),
      },
      { kind: "load", op: rng.pick(["load", "loadAcquire"]), place: second, into },
    ];
    if (!rng.chance(0.15 * theme.control)) return pair;
    const body = this.steps(1, depth + 1);
    return [...pair, { kind: "if", register: into, relation: "===", value: 0, body }];
  }

  private place(): Place {
    if (this.rng.chance(0.04 + 0.4 * this.theme.areas))
      return this.rng.pick(["own", "own", "own", "own + 4", "area0"]);
    if (this.theme.objects > 0 && this.rng.chance(0.1 * this.theme.objects)) return `${this.object()} + 32`;
    return this.rng.pick(this.cells);
  }

  private object(): ObjectName {
    return this.rng.chance(0.8) ? "p" : "q";
  }

  private value(): Value {
    if (this.rng.chance(0.25 * this.theme.areas)) return this.rng.chance(0.9) ? "i32(own)" : "cpu";
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
      [theme.areas * 2, () => ({ kind: "follow", address: this.register(), into: this.register() })],
      [1, () => ({ kind: "fence", op: rng.pick(["fence", "fence", "fence", "loadFence", "storeFence"]) })],
      [theme.rmws, () => this.readModifyWrite()],
      [theme.awaits, () => this.await()],
      // Inside a section it waits for itself, which ends the program at once.
      [theme.rcu * (this.inSection ? 0.02 : 0.8), () => ({ kind: "synchronizeRcu" })],
      [
        theme.callbacks * 0.5,
        () => ({ kind: "callRcu", object: this.object(), callback: rng.chance(0.9) ? 1 : 2 }),
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

/** Transitions of an actor, and how many of them are flushes of its store buffer. */
interface Size {
  readonly transitions: number;
  readonly flushes: number;
}

/** Transitions of a step under x86-TSO, about. */
function sizeOf(step: CheckStep): Size {
  const inside = sizeOfAll(bodyOf(step) ?? []);
  const and = (more: number, flushes = 0): Size => ({
    transitions: inside.transitions + more,
    flushes: inside.flushes + flushes,
  });
  switch (step.kind) {
    case "store":
    case "freed":
    case "callRcu":
      return and(2, 1);
    case "synchronizeRcu":
      return and(2);
    case "increment":
      return and(3);
    case "fence":
      return and(step.op === "fence" ? 1 : 0);
    case "section":
      return and(3, 1);
    case "locked":
      return and(5, 1);
    case "repeat":
      return { transitions: inside.transitions * step.times, flushes: inside.flushes * step.times };
    case "if":
      return { transitions: inside.transitions * 0.7, flushes: inside.flushes * 0.7 };
    default:
      return and(1);
  }
}

function sizeOfAll(steps: readonly CheckStep[]): Size {
  const sizes = steps.map(sizeOf);
  return {
    transitions: sum(sizes.map(({ transitions }) => transitions)),
    flushes: sum(sizes.map(({ flushes }) => flushes)),
  };
}

/** `top` over `bottom`, rounded to whole numbers first. */
function binomial(top: number, bottom: number): number {
  let ways = 1;
  for (let i = 1; i <= Math.round(bottom); i++)
    ways = (ways * (Math.round(top) - Math.round(bottom) + i)) / i;
  return ways;
}

/** Interleavings, about: those of the actors with each other, times those of each with its own store buffer. */
export function guessInterleavings(program: CheckFuzzProgram): number {
  const { maintenance } = program;
  const sizes = program.actors.flatMap(({ steps, copies }) =>
    Array.from({ length: copies }, () => sizeOfAll(steps)),
  );
  sizes.push(sizeOfAll(Array.from({ length: maintenance.rounds }, () => maintenance.steps).flat()));
  // Taking a callback, looking at its id, and the callback itself.
  const callbacks = allSteps(program).map((step) => (step.kind === "callRcu" ? 3 * step.callback : 0));
  sizes.push({ transitions: sum(callbacks) * 0.7, flushes: 0 });
  let ways = 1;
  let placed = 0;
  for (const { transitions, flushes } of sizes) {
    placed += Math.round(transitions);
    ways *= binomial(placed, transitions);
    // Every flush comes behind its store: the ballot numbers, which are Catalan's where there is nothing but stores.
    ways *= binomial(transitions, flushes) / (Math.round(flushes) + 1);
  }
  return ways;
}
