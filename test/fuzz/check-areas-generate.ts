/**
 * Draws programs for the second fuzz of the checker (`check-areas.ts`): of interchangeable actors with areas of their own, and
 * of grace periods that keep actors from each other. Callbacks leave behind in which order they ran.
 */
import type { AreaProgram, Line } from "./check-areas.ts";
import { Rng } from "./random.ts";

export type AreaTheme = "areas" | "gates";

const born = ["allocated(p, 1, 64);", "allocated(q, 1, 64);"];
const order = "store(z, load(z) * 8 + ((i32(head) >> 6) & 7) + 1);";
const again: Line = ["if (load(head + 8) === 2) {", ["callRcu(head, 1);", "continue;"], "}"];

export function generateAreaProgram(seed: string, theme: AreaTheme): AreaProgram {
  const rng = new Rng(`${theme} ${seed}`);
  return theme === "areas" ? areas(seed, rng) : gates(seed, rng);
}

class Writer {
  private readonly rng: Rng;
  private readonly gates: boolean;
  /** Writes what interchangeable actors do. */
  private readonly member: boolean;
  private depth = 0;
  private sections = 0;

  constructor(rng: Rng, gates: boolean, member: boolean) {
    this.rng = rng;
    this.gates = gates;
    this.member = member;
  }

  lines(count: number): Line[] {
    const lines: Line[] = [];
    for (let left = count; left > 0; left--) lines.push(this.line());
    return lines;
  }

  private place(): string {
    const { rng } = this;
    if (this.gates && rng.chance(0.35)) return rng.pick(["p + 32", "p + 32", "q + 32"]);
    if (this.member) return rng.pick(["own", "own", "own + 4", "x", "x", "y", "w"]);
    if (!this.gates && rng.chance(0.08)) return "area0";
    return rng.pick(["x", "y", "w"]);
  }

  private value(): string {
    const { rng } = this;
    if (this.member && rng.chance(0.35)) return "i32(own)";
    return rng.pick(["0", "1", "2", "b"]);
  }

  private register(): string {
    return this.rng.pick(["a", "b"]);
  }

  private object(): string {
    const { rng } = this;
    return this.member && rng.chance(0.15) ? "own + 16" : rng.pick(["p", "p", "q"]);
  }

  private block(open: string, close: string, most: number): Line {
    this.depth++;
    const body = this.lines(this.rng.between(1, most));
    this.depth--;
    return [open, body, close];
  }

  private line(): Line {
    const { rng, gates, member } = this;
    const inner = this.depth < 2 ? 1 : 0;
    const rcu = gates ? 3 : 0.5;
    const own = member ? 1 : 0;
    return rng.weighted<() => Line>([
      [4, () => `${this.register()} = ${rng.pick(["load", "loadAcquire"])}(${this.place()});`],
      [4, () => `${rng.pick(["store", "storeRelease"])}(${this.place()}, ${this.value()});`],
      [1, () => `${this.register()} = exchange(${this.place()}, ${this.value()});`],
      [1, () => `${this.register()} = fetchAdd(${rng.pick(["x", "w"])}, 1);`],
      [1, () => `${this.register()} = compareExchange(${this.place()}, 0, ${this.value()});`],
      [0.7, () => "fence();"],
      [gates ? 0.2 : 0.5, () => `${rng.pick(["awaitNotEqual", "awaitEqual"])}(${this.place()}, 0);`],
      [own, () => this.block("if (b === i32(own)) {", "}", 1)],
      [inner, () => this.block(`if (${this.register()} ${rng.pick(["===", "!=="])} 0) {`, "}", 1)],
      [gates ? 0 : 1, () => `if (b >= 3072) ${rng.pick(["a = load(ptr(b));", "store(ptr(b), 1);"])}`],
      [rcu * inner, () => this.section()],
      [rcu * (this.sections > 0 ? 0.03 : 0.5), () => "synchronizeRcu();"],
      [rcu * 0.8, () => `callRcu(${this.object()}, ${rng.chance(0.8) ? 1 : 2});`],
      [
        rcu * 0.5 + own * 0.3,
        () => ["if (fetchAdd(w, 1) === 0) {", [`callRcu(p, ${rng.between(1, 2)});`], "} else callRcu(q, 1);"],
      ],
      [gates ? 0.4 : 0.1, () => `freed(${rng.pick(["p", "q"])});`],
      [own * 0.6, () => ["allocated(own + 16, 1, 16);", this.lines(1), "freed(own + 16);"]],
    ])();
  }

  private section(): Line {
    this.sections++;
    const section = this.block("rcuReadLock();", "rcuReadUnlock();", 2);
    this.sections--;
    return section;
  }
}

/** Without a softirq actor where nothing is queued. */
function settled(program: AreaProgram): AreaProgram {
  const { member, others, maintenance, callback } = program;
  const text = JSON.stringify([member, others, maintenance]);
  const calls = text.includes("callRcu");
  const touched = calls || /[pq] \+ 32|freed\([pq]/.test(text);
  return {
    ...program,
    boot: touched ? [...program.boot, ...born] : program.boot,
    softirqs: calls ? program.softirqs : 0,
    callback: calls ? callback : [],
  };
}

function areas(seed: string, rng: Rng): AreaProgram {
  const copies = rng.chance(0.65) ? 2 : 3;
  const most = copies === 2 ? 5 : 3;
  const other = rng.chance(0.4) ? [new Writer(rng, false, false).lines(rng.between(1, 2))] : [];
  return settled({
    seed,
    copies,
    member: new Writer(rng, false, true).lines(rng.between(2, most)),
    others: other,
    boot: rng.chance(0.2) ? ["store(own0, 1);".replace("own0", "x")] : [],
    callback: [again, order, ...(rng.chance(0.3) ? ["freed(head);"] : [])],
    softirqs: rng.chance(0.85) ? 1 : 2,
    maintenance: [],
    leaks: false,
  });
}

function gates(seed: string, rng: Rng): AreaProgram {
  const count = rng.chance(0.6) ? 2 : 3;
  const lines = () => new Writer(rng, true, false).lines(rng.between(1, count === 2 ? 5 : 3));
  const group = count === 3 && rng.chance(0.4);
  return settled({
    seed,
    copies: group ? 2 : 0,
    member: group ? lines() : [],
    others: Array.from({ length: group ? 1 : count }, lines),
    boot: [],
    callback: [
      again,
      rng.pick([order, "store(p + 32, 7);", "fetchAdd(x, 1);"]),
      ...(rng.chance(0.6) ? ["freed(head);"] : []),
    ],
    softirqs: rng.chance(0.5) ? 1 : 2,
    maintenance: rng.chance(0.15) ? new Writer(rng, true, false).lines(1) : [],
    leaks: rng.chance(0.2),
  });
}
