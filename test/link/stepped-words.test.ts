/** Which words of an actor live, which are steady and which hold its CPU, on programs small enough to check by hand. */
import { join } from "node:path";
import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { kernelProgram, linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import {
  ActorWord,
  buildStepped,
  type SteppedOptions,
  type SteppedProgram,
} from "../../src/link/stepped/index.ts";
import { Op, opByCode } from "../../src/machine/ops.ts";
import { linkText } from "./front-harness.ts";

const machine =
  'import { load, store, fetchAdd, exchange, awaitEqual, mark, script, thisCpu, i32, u32, ptr, type bool } from "refplay/machine";\n';

function build(text: string, inline: SteppedOptions["inline"] = "auto"): SteppedProgram {
  return buildStepped(linkText(machine + text), { inline });
}

/** Values of the words at one stop, those of callers included and return words left out; each list ascending. */
interface Stop {
  readonly op: string | undefined;
  readonly live: readonly number[];
  readonly steady: readonly number[];
  readonly cpu: readonly number[];
}

interface Run {
  readonly args?: readonly number[];
  readonly cpu?: number;
  /** What operations return, in turn; 0 behind the end. */
  readonly results?: readonly number[];
}

/** The stops of `main`, the end left out. */
function stopsOf(program: SteppedProgram, { args = [], cpu = 5, results = [] }: Run = {}): Stop[] {
  const state = new Int32Array(program.wordsPerActor);
  const step = program.instantiate(Int32Array.from([70, 71, 72, 73]));
  program.start(state, 0, "main", args, { cpu, scriptBase: 0 });
  const stops: Stop[] = [];
  for (let result = 0; stops.length < 100; result = results[stops.length - 1] ?? 0) {
    const op = step(state, 0, result);
    if (op === Op.done) return stops;
    const values = (wordsAt: (pc: number) => Int32Array): number[] => {
      const found: number[] = [];
      for (let pc = state[ActorWord.pc] as number; ; ) {
        const back = program.returnWord(pc);
        for (const word of wordsAt(pc)) if (word !== back) found.push(state[word] as number);
        if (back === 0) return found.sort((a, b) => a - b);
        pc = state[back] as number;
      }
    };
    stops.push({
      op: Op[op],
      live: values((pc) => program.liveWords(pc)),
      steady: values((pc) => program.steadyWords(pc)),
      cpu: values((pc) => program.cpuWords(pc, "main")),
    });
  }
  throw new Error("the program does not end");
}

const both = ["auto", "none"] as const;

describe("live words", () => {
  it("are the values that later operations need, once each and in ascending order", () => {
    const program = build(`
      export function main(a: i32, b: i32, c: i32): i32 {
        store(ptr(64), a);
        store(ptr(64), b);
        return c;
      }`);
    const live = stopsOf(program, { args: [11, 22, 33] }).map((stop) => stop.live);
    expect(live).toEqual([[22, 33], [33]]);
    const words = program.liveWords(program.sites.findIndex((site) => site.op === Op.store));
    expect([...words]).toEqual([...new Set(words)].sort((a, b) => a - b));
    expect(program.liveWords(1)).toBe(program.liveWords(1));
  });

  it("do not hold what only dead code reads, around a loop neither", () => {
    const program = build(`
      export function main(a: i32): void {
        let unused: i32 = a * 3;
        for (let i: i32 = 0; i < 2; i += 1) {
          unused += i;
          store(ptr(64), i);
        }
        const alsoUnused: i32 = unused + 1;
      }`);
    expect(stopsOf(program, { args: [9] }).map((stop) => stop.live)).toEqual([[0], [1]]);
  });

  it("do not hold operands of the operation that is waited for", () => {
    const program = build(`
      export function main(a: ptr, b: i32): i32 {
        return exchange(a, b);
      }`);
    expect(stopsOf(program, { args: [64, 22] }).map((stop) => stop.live)).toEqual([[]]);
  });

  it.each(both)("do not hold arguments and results that nobody reads (inline: %s)", (inline) => {
    const program = build(
      `
      function callee(ignored: i32, used: i32, answer: i32): i32 {
        store(ptr(64), 1);
        store(ptr(64), used);
        return answer;
      }
      export function main(a: i32, b: i32, c: i32): void {
        store(ptr(64), 0);
        callee(a, b, c);
      }`,
      inline,
    );
    const live = stopsOf(program, { args: [11, 22, 33] }).map((stop) => stop.live);
    expect(live).toEqual([[22], [22], []]);
  });

  it("hold an argument of which only a caller's caller reads the result", () => {
    const program = build(
      `
      function inner(answer: i32): i32 {
        store(ptr(64), 1);
        return answer;
      }
      function outer(answer: i32): i32 {
        return inner(answer);
      }
      export function main(a: i32): i32 {
        return outer(a);
      }`,
      "none",
    );
    expect(stopsOf(program, { args: [11] }).map((stop) => stop.live)).toEqual([[11]]);
  });
});

describe("steady words", () => {
  it("are arguments, counters, script cells and addresses, not what operations return", () => {
    const program = build(`
      export function main(rounds: i32): i32 {
        let sum: i32 = 1000;
        for (let i: i32 = 0; i < rounds; i += 1) {
          const record: i32 = script(i * 4);
          const own: ptr = ptr(4096 + thisCpu() * 64);
          sum += load(own);
          store(own, record);
        }
        return sum;
      }`);
    const stops = stopsOf(program, { args: [2], cpu: 2, results: [100, 0, 100, 0] });
    // rounds, i, record, own; the sum comes from memory.
    expect(stops.map(({ live, steady }) => [live, steady])).toEqual([
      [
        [0, 2, 70, 1000, 4224],
        [0, 2, 70, 4224],
      ],
      [
        [0, 2, 1100],
        [0, 2],
      ],
      [
        [1, 2, 71, 1100, 4224],
        [1, 2, 71, 4224],
      ],
      [
        [1, 2, 1200],
        [1, 2],
      ],
    ]);
  });

  it("stay steady where only control depends on memory", () => {
    const program = build(`
      export function main(): i32 {
        let tries: i32 = 40;
        while (load(ptr(64)) === 0) tries += 1;
        store(ptr(64), 0);
        return tries;
      }`);
    const steady = stopsOf(program, { results: [0, 0, 1] }).map((stop) => stop.steady);
    expect(steady).toEqual([[40], [41], [42], [42]]);
  });

  it("lose what memory reaches through arithmetic, a division, a choice and a script offset", () => {
    const program = build(`
      export function main(a: i32): i32 {
        const seen: i32 = load(ptr(64));
        const sum: i32 = seen * 2 + a;
        const part: i32 = a / (seen + 1);
        const choice: i32 = seen === 3 ? 31 : 32;
        const cell: i32 = script((seen & 3) * 4);
        store(ptr(64), 0);
        store(ptr(68), sum + part + choice + cell);
        store(ptr(68), sum - part - choice - cell);
        return a;
      }`);
    const stops = stopsOf(program, { args: [20], results: [3] });
    expect(stops.map(({ live, steady }) => [live, steady])).toEqual([
      [[20], [20]],
      [[5, 20, 26, 31, 73], [20]],
      [[5, 20, 26, 31, 73], [20]],
      [[20], [20]],
    ]);
  });

  it("are told apart where a steady local and another one take turns in a word", () => {
    const program = build(`
      export function main(a: i32): i32 {
        const early: i32 = a + 1;
        store(ptr(64), 0);
        store(ptr(64), early);
        const late: i32 = load(ptr(64));
        store(ptr(64), 0);
        return late;
      }`);
    const stops = stopsOf(program, { args: [6], results: [0, 0, 8] });
    expect(stops.map(({ live, steady }) => [live, steady])).toEqual([
      [[7], [7]],
      [[], []],
      [[], []],
      [[8], []],
    ]);
    expect(new Set(program.sites.flatMap((_, pc) => [...program.liveWords(pc)])).size).toBe(1);
  });

  it("follow arguments and results through calls that were kept", () => {
    const program = build(
      `
      function twice(x: i32): i32 {
        store(ptr(64), x);
        return x * 2;
      }
      function read(address: ptr): i32 {
        return load(address) + 1;
      }
      function keep(x: i32): i32 {
        store(ptr(64), 0);
        return x;
      }
      export function main(a: i32): i32 {
        const steady: i32 = twice(a);
        const seen: i32 = read(ptr(64));
        const passed: i32 = keep(seen);
        store(ptr(64), 0);
        return steady + passed;
      }`,
      "none",
    );
    const stops = stopsOf(program, { args: [50], results: [0, 6] });
    expect(stops.map(({ op, live, steady }) => [op, live, steady])).toEqual([
      ["store", [50], [50]],
      ["load", [100], [100]],
      ["store", [7, 100], [100]],
      ["store", [7, 100], [100]],
    ]);
  });

  it("hold the return word of a called function", () => {
    const program = build(
      `
      function callee(): void {
        store(ptr(64), 0);
      }
      export function main(): void {
        callee();
      }`,
      "none",
    );
    const pc = program.sites.findIndex((site) => site.op === Op.store);
    expect([...program.steadyWords(pc)]).toEqual([program.returnWord(pc)]);
    expect([...program.liveWords(pc)]).toEqual([program.returnWord(pc)]);
  });
});

describe("words that hold the CPU", () => {
  it.each(both)("are thisCpu, an entry's `cpu`, copies and what calls hand on (inline: %s)", (inline) => {
    const program = build(
      `
      function area(cpu: i32): ptr {
        return ptr(4096 + cpu * 128);
      }
      function me(): i32 {
        return thisCpu();
      }
      function visit(processor: i32, other: i32): void {
        store(area(processor), 0);
        store(area(processor) + 4, other);
      }
      export function main(cpu: i32, other: i32): void {
        const copy: i32 = me();
        store(area(copy), 0);
        visit(cpu, other);
        store(area(copy), other);
      }`,
      inline,
    );
    expect(program.entries.get("main")?.cpuParameters).toEqual([0]);
    expect(program.cpuMisuse("main")).toBeNull();
    const stops = stopsOf(program, { args: [5, 77] });
    // Everything that lives is the CPU or 77; addresses are made where they are used, but for one.
    for (const { live, cpu } of stops) expect(live.filter((value) => value === 5)).toEqual(cpu);
    expect(stops.map((stop) => stop.cpu.length > 0)).toContain(true);
  });

  it("are only those in which nothing else can stand", () => {
    const program = build(`
      export function main(cpu: i32, a: i32): void {
        let mixed: i32 = cpu;
        if (a === 1) mixed = a;
        store(ptr(64), 0);
        store(ptr(4096 + cpu * 64), 0);
        store(ptr(4096 + mixed * 64), 0);
      }`);
    expect(stopsOf(program, { args: [5, 2] }).map((stop) => stop.cpu.length)).toEqual([1, 0, 0]);
    expect(program.cpuMisuse("main")?.function).toBe("main");
  });

  it("are judged by entry: what another entry passes to a shared function does not count", () => {
    const program = build(
      `
      function visit(cpu: i32): void {
        store(ptr(64), 0);
        store(ptr(4096 + cpu * 64), 0);
      }
      export function main(cpu: i32): void {
        visit(cpu);
      }
      export function all(): void {
        for (let cpu: i32 = 0; cpu < 3; cpu += 1) visit(cpu);
      }
      export function mixed(cpu: i32): void {
        visit(cpu);
        visit(1);
      }`,
      "none",
    );
    expect(stopsOf(program, { args: [5] })[0]?.cpu).toEqual([5]);
    const pc = program.sites.findIndex((site) => site.op === Op.store);
    expect(program.cpuWords(pc, "main")).toHaveLength(1);
    expect(program.cpuWords(pc, "all")).toHaveLength(0);
    expect(program.cpuWords(pc, "mixed")).toHaveLength(0);
    expect(["main", "all", "mixed"].map((entry) => program.cpuMisuse(entry)?.line ?? null)).toEqual([
      null,
      null,
      // The call that hands the CPU to a parameter that also gets a 1.
      13 + 1,
    ]);
    expect(() => program.cpuWords(pc, "none")).toThrow("no entry 'none'");
    expect(() => program.cpuMisuse("none")).toThrow("no entry 'none'");
  });
});

/** The statement of line 3 is the one that is judged. */
function misuseOf(statement: string, inline: SteppedOptions["inline"] = "auto"): string | null {
  const text = `
export function main(cpu: i32, a: i32, p: ptr): i32 { const own: ptr = ptr(4096 + cpu * 64); const seen: ptr = load(p);
${statement}
return i32(load(own)); }
export function other(cpu: i32): void { store(ptr(64), cpu); }`;
  const place = build(text, inline).cpuMisuse("main");
  return place === null ? null : `${place.function}:${place.line - 1}`;
}

describe("misuse of the CPU number", () => {
  it.each([
    "store(ptr(4096 + cpu * 64) + 4, a);",
    "store(ptr(cpu * 4096), a);",
    "store(ptr(4096 + 64 * thisCpu() + a * 4), a);",
    "const copy: i32 = cpu; store(ptr(64), 0); store(ptr(8192 + copy * 128), a);",
    "let area: ptr = own; for (let i: i32 = 0; i < 4; i += 1) { store(area, i); area += 4; }",
    "if (seen === own + 8) store(p, a);",
    "const object: ptr = a > 3 ? own : ptr(0); if (object !== ptr(0)) store(object, a);",
    "store(p, i32(own)); awaitEqual(p, 0);",
    "mark(7, i32(own));",
    "const unread: i32 = cpu + 1; store(p, a);",
  ])("%s is none", (statement) => {
    expect(misuseOf(statement)).toBeNull();
  });

  it.each([
    "const first: bool = cpu === 0; if (first) { store(p, 1); }",
    "store(p, cpu);",
    "store(p, thisCpu());",
    "mark(7, cpu);",
    "fetchAdd(p, 1 << cpu);",
    "store(p + cpu, a);",
    "store(ptr(4096 + cpu * 4), a);",
    "store(ptr(4096 + cpu * a), a);",
    "store(ptr(4096 + cpu * 63), a);",
    "store(ptr(4096 + (cpu + 1) * 64), a);",
    "store(p, a / (cpu + 1));",
    "store(p, script(cpu * 64));",
    "const left: i32 = a > 0 ? cpu : 0; store(ptr(4096 + left * 64), a);",
    // Computing with an address of the own area is finding out the number.
    "store(p, (cpu * 64) >> 6);",
    "const offset: i32 = cpu * 64; if (offset === 0) store(p, a);",
    "store(own + cpu * 64, a);",
    "store(p, i32(p - own));",
    "fetchAdd(p, i32(own));",
  ])("%s is one", (statement) => {
    expect(misuseOf(statement)).toBe("main:3");
  });

  it.each([
    "if (cpu === 0) store(p, a);",
    "while (cpu < a) store(p, a);",
    "switch (cpu) { case 0: store(p, a); break; case 1: store(p, 2); }",
    "if (own === ptr(4096)) store(p, a);",
    "if (own < p) store(p, a);",
    "if (own === p) store(p, a);",
    "return i32(own);",
    "return cpu;",
  ])("%s is one, reported where the statement before it stands", (statement) => {
    expect(misuseOf(statement)).toBe("main:2");
  });

  it("is found in functions that were kept and in those that were inlined, at their own line", () => {
    const text = `
function deeper(processor: i32): void {
  store(ptr(4096 + processor * 64), 1);
  mark(1, processor);
}
function deep(processor: i32): void {
  deeper(processor);
}
export function main(cpu: i32): void {
  deep(cpu);
}
export function fine(cpu: i32): void {
  store(ptr(4096 + cpu * 64), 1);
}
export function noNumber(a: i32): void {
  deep(a);
}`;
    for (const inline of both) {
      const program = build(text, inline);
      expect(program.cpuMisuse("main")).toMatchObject({ function: "deeper", file: "main.ts", line: 5 });
      expect(program.cpuMisuse("fine")).toBeNull();
      expect(program.cpuMisuse("noNumber")).toBeNull();
    }
  });

  it("is found where a call that was kept returns it or an address made of it", () => {
    const text = (use: string) => `
function me(): i32 {
  return thisCpu();
}
function mine(): ptr {
  return ptr(4096 + thisCpu() * 64);
}
export function main(p: ptr): void {
  ${use}
}`;
    const place = (use: string) => build(text(use), "none").cpuMisuse("main")?.line ?? null;
    expect(place("store(mine(), 1); store(ptr(4096 + me() * 64), 2);")).toBeNull();
    expect(place("store(p, me());")).toBe(10);
    expect(place("if (mine() < p) store(p, 1);")).toBe(10);
  });
});

describe("the kernel's own code", () => {
  const host = nodeHost(packageRoot);

  function stage(strategy: string, options: Readonly<Record<string, number>> = {}): SteppedProgram {
    const module = join(packageRoot, "test/programs/label-stage.ts");
    const path = join(packageRoot, "strategies", `${strategy}.ts`);
    const strategies = [{ instance: "strategy", path, options: {} }];
    return buildStepped(linkProgram({ module, entries: "all", strategies, options }, host));
  }

  it.each(["kref", "percpu-ref"])("gets and puts of %s use the CPU for its area only", (strategy) => {
    const program = stage(strategy);
    const entries = ["rawGet", "rawPut", "rawTryGet", "copy", "drop", "lookUp", "lookUps", "softirq"];
    for (const entry of entries) {
      expect(program.entries.get(entry)?.cpuParameters).toEqual([0]);
      expect(program.cpuMisuse(entry)).toBeNull();
    }
  });

  it.each(["kref", "percpu-ref"])("%s does the same on two CPUs but for their areas", (strategy) => {
    const program = stage(strategy);
    const areaBytes = program.constants.get("cpuAreaBytes") ?? 0;
    expect(areaBytes).toBeGreaterThan(0);
    const wrong: string[] = [];
    let stops = 0;
    for (const [entry, { cpuParameters, parameters }] of program.entries) {
      if (program.cpuMisuse(entry) !== null) continue;
      for (let seed = 0; seed < 5; seed++) {
        const random = seedrandom.alea(`${entry} ${seed}`);
        const values = Array.from({ length: 300 }, () => Math.floor(random() ** 4 * 40) - 1);
        const twins = [1, 2].map((cpu) => {
          const args = Array.from({ length: parameters }, (_, i) =>
            cpuParameters.includes(i) ? cpu : i + 64,
          );
          const state = new Int32Array(program.wordsPerActor);
          program.start(state, 0, entry, args, { cpu, scriptBase: 0 });
          return state;
        }) as [Int32Array, Int32Array];
        const step = program.instantiate(new Int32Array(64));
        const [one, two] = twins;
        const differ = (word: number) => {
          const apart = (two[word] as number) - (one[word] as number);
          return apart !== 0 && apart !== areaBytes;
        };
        for (const result of values) {
          const op = step(one, 0, result);
          if (step(two, 0, result) !== op) wrong.push(`${entry}: another operation`);
          if (op === Op.done || op === Op.fault) break;
          stops++;
          for (let i = 0; i < opByCode(op).operands.length; i++) {
            if (differ(ActorWord.operand0 + i)) wrong.push(`${entry}: operand ${i} of ${Op[op]}`);
          }
          for (let pc = one[ActorWord.pc] as number; ; ) {
            const cpus = program.cpuWords(pc, entry);
            for (const word of program.liveWords(pc)) {
              const isCpu = cpus.includes(word);
              if (isCpu ? one[word] !== 1 || two[word] !== 2 : differ(word)) {
                wrong.push(`${entry}: word ${word} at ${pc}`);
              }
            }
            const back = program.returnWord(pc);
            if (back === 0) break;
            pc = one[back] as number;
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(stops).toBeGreaterThan(1000);
  });

  it("steady and CPU words are live ones, at every pc of every program", () => {
    const path = join(packageRoot, "strategies/percpu-ref.ts");
    const kernel = buildStepped(linkProgram(kernelProgram({ path }, {}, host), host));
    for (const program of [stage("percpu-ref"), kernel]) {
      const wrong: string[] = [];
      let steady = 0;
      let cpu = 0;
      program.sites.forEach((_, pc) => {
        const live = new Set(program.liveWords(pc));
        const still = new Set(program.steadyWords(pc));
        for (const word of still) if (!live.has(word)) wrong.push(`${pc}: ${word} is steady, not live`);
        steady += still.size;
        for (const entry of program.entries.keys()) {
          const words = program.cpuWords(pc, entry);
          for (const word of words) if (!live.has(word)) wrong.push(`${pc}: ${word} is the CPU, not live`);
          cpu += words.length;
        }
      });
      expect(wrong).toEqual([]);
      expect(steady).toBeGreaterThan(100);
      expect(cpu).toBeGreaterThan(100);
    }
  });
});
