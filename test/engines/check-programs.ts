/** Small programs for the checker's tests: one function per actor, in portable TypeScript. */
import type { CheckActor, CheckProblem } from "../../src/engines/check/types.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost } from "../../src/link/node-host.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { opTable } from "../../src/machine/ops.ts";

const machineNames = opTable.map((entry) => entry.name).join(", ");

/** Cells on lines of their own, an object, and what a softirq actor does. */
const prelude = `import { ${machineNames}, type i32, type ptr } from "refplay/machine";
const x: ptr = 2048;
const y: ptr = 2112;
const z: ptr = 2176;
const object: ptr = 4096;
const head: ptr = 4112;
export function softirq(_cpu: i32): void {
  for (;;) {
    const found: ptr = rcuTake();
    if (found === 0) return;
    freed(found - 16);
  }
}
`;

export interface SmallProgram {
  readonly program: SteppedProgram;
  readonly problem: CheckProblem;
}

export interface SmallOptions extends Partial<CheckProblem> {
  /** Runs before the actors. */
  readonly start?: string;
  /** Runs after them; what it returns ends the outcome. */
  readonly end?: string;
  /** How many softirq actors; 0 unless given. */
  readonly softirqs?: number;
  /** Body of a maintenance actor. */
  readonly maintenance?: string;
}

/** A program whose script actors have these bodies; each returns an integer. */
export function small(bodies: readonly string[], options: SmallOptions = {}): SmallProgram {
  const { start, end, softirqs = 0, maintenance, ...rest } = options;
  const functions = bodies.map((body, i) => `export function actor${i}(): i32 {\n${body}\nreturn 0;\n}\n`);
  if (start !== undefined) functions.push(`export function start(): void {\n${start}\n}\n`);
  if (end !== undefined) functions.push(`export function end(): i32 {\n${end}\nreturn 0;\n}\n`);
  if (maintenance !== undefined) functions.push(`export function maintain(): void {\n${maintenance}\n}\n`);
  const host = memoryHost({ "main.ts": prelude + functions.join("") }, nodeHost());
  const ir = linkProgram({ module: "main.ts", entries: "all", strategies: [], options: {} }, host);
  const actors: CheckActor[] = bodies.map((_, i) => ({
    name: `actor ${i}`,
    role: "script",
    cpu: i,
    entry: `actor${i}`,
    args: [],
  }));
  const extra = (role: "softirq" | "maintenance", entry: string, args: number[]) =>
    actors.push({ name: `${role} ${actors.length}`, role, cpu: actors.length, entry, args });
  for (let i = 0; i < softirqs; i++) extra("softirq", "softirq", [0]);
  if (maintenance !== undefined) extra("maintenance", "maintain", []);
  const call = (entry: string) => ({ entry, args: [], cpu: 0 });
  return {
    program: buildStepped(ir),
    problem: {
      actors,
      model: "sc",
      cpus: actors.length,
      memoryBytes: 1 << 18,
      boot: start === undefined ? [] : [call("start")],
      finish: end === undefined ? [] : [call("end")],
      ...rest,
    },
  };
}
