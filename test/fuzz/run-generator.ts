/** Runs the generator form of a program, which follows the typed form word for word. */
import type { GeneratorProgram } from "../../src/link/generator/index.ts";
import type { Run } from "./interpreter.ts";
import type { FuzzProgram } from "./program.ts";
import { carryOut, scriptBaseBytes, scriptsOf } from "./run-stepped.ts";
import { World } from "./world.ts";

/** Runs `main` from the inputs of the fuzz program that the generators were made of. */
export function runGenerator(program: FuzzProgram, generator: GeneratorProgram): Run {
  const { args, cpu } = program.inputs;
  const start = generator.instantiate(scriptsOf(program));
  const actor = start("main", args, { cpu, scriptBase: scriptBaseBytes });
  const world = new World(program.inputs);
  for (let result = 0; ; ) {
    const op = actor.step(result);
    const next = carryOut(program, world, op, (index) => actor.state[index] as number);
    if (typeof next !== "number") return { outcome: next, trace: world.trace, memory: world.memory };
    result = next;
  }
}
