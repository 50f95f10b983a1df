/**
 * The kernel with the RCU of the compiled build, as a stepped program: what the WebAssembly back end calls for callRcu,
 * quiescent and the like is called here too, so that its waiting can be tested under schedules that come again. A CPU that
 * waits without being quiescent is then a deadlock that the reference engine reports, and no hang.
 */

import { type ActorSpec, ReferenceEngine, type ReferenceResult } from "../../src/engines/reference/index.ts";
import type { Audit } from "../../src/kernel/audit.ts";
import { bootArguments } from "../../src/kernel/boot-arguments.ts";
import { orderCalls, renumber } from "../../src/link/front/call-graph.ts";
import type { IrProgram, IrStatement } from "../../src/link/ir.ts";
import { buildStepped, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { type Line, linkedKernel, type StrategyName, scriptOf, smallPopulation } from "./support.ts";

/** A body with its RCU operations replaced by calls, and read sections by nothing. */
function lower(body: readonly IrStatement[], lowerings: IrProgram["lowerings"]): IrStatement[] {
  return body.flatMap((statement): IrStatement[] => {
    switch (statement.kind) {
      case "op": {
        const callee = lowerings.get(statement.op);
        if (callee === undefined) return [statement];
        const { args, result, position } = statement;
        return callee === null ? [] : [{ kind: "call", callee, args, result, position }];
      }
      case "if":
        return [
          { ...statement, then: lower(statement.then, lowerings), else: lower(statement.else, lowerings) },
        ];
      case "block":
      case "loop":
        return [{ ...statement, body: lower(statement.body, lowerings) }];
      default:
        return [statement];
    }
  });
}

/** The program as the compiled build has it; its callees come before their callers again. */
function withCompiledRcu(ir: IrProgram): IrProgram {
  const functions = new Map(ir.functions.map((fn) => [fn.id, { ...fn, body: lower(fn.body, ir.lowerings) }]));
  const order = orderCalls(functions, [...ir.entries.values()]);
  const ids = new Map(order.map((id, index) => [id, index]));
  return {
    ...ir,
    functions: order.map((old, id) => {
      const fn = functions.get(old);
      if (fn === undefined) throw new Error(`there is no function ${old}`);
      return { ...fn, id, body: renumber(fn.body, ids) };
    }),
    entries: new Map([...ir.entries].map(([name, id]) => [name, ids.get(id) ?? id])),
    lowerings: new Map(),
  };
}

const programs = new Map<string, SteppedProgram>();

function kernelWithCompiledRcu(strategy: StrategyName, rcuBacklog: number): SteppedProgram {
  const key = JSON.stringify([strategy, rcuBacklog]);
  let program = programs.get(key);
  if (program === undefined) {
    program = buildStepped(withCompiledRcu(linkedKernel(strategy, { verify: 1, rcuBacklog })));
    programs.set(key, program);
  }
  return program;
}

/** A machine whose CPUs have a script each, driven entry by entry. */
export class CompiledRcuMachine {
  private readonly engine: ReferenceEngine;
  private readonly cpus: number;

  /** Boots. `rcuBacklog`: how many callbacks may wait on a CPU before it waits for a grace period. */
  constructor(
    strategy: StrategyName,
    seed: string,
    scripts: readonly (readonly Line[])[],
    rcuBacklog = 10_000,
  ) {
    this.cpus = scripts.length;
    this.engine = new ReferenceEngine(kernelWithCompiledRcu(strategy, rcuBacklog), {
      memoryBytes: 1 << 20,
      cpus: this.cpus,
      seed,
      scripts: scripts.map(scriptOf),
      stepLimit: 2_000_000,
    });
    this.one("boot", ...bootArguments(smallPopulation));
    for (let cpu = 0; cpu < this.cpus; cpu++)
      this.engine.run([{ cpu, entry: "bootCpu", args: [cpu], role: "script" }]);
  }

  /** An entry on CPU 0 alone; what it returned. */
  one(entry: string, ...args: number[]): number {
    this.engine.run([{ cpu: 0, entry, args, role: "script" }]);
    return this.engine.returnedBy(0);
  }

  /** An entry on all CPUs at once, each with its number as first operand. */
  each(entry: string, ...args: number[]): void {
    const actors = Array.from(
      { length: this.cpus },
      (_, cpu): ActorSpec => ({ cpu, entry, args: [cpu, ...args], role: "script" }),
    );
    this.engine.run(actors);
  }

  audit(counter: Audit): number {
    return this.one("audit", counter);
  }

  finish(): ReferenceResult {
    return this.engine.finish();
  }
}
