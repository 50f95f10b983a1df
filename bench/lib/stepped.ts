/**
 * The stepped form against generators: the real program (interpreter, hooks, strategy) on the reference engine without checks,
 * both forms driven by the engine's own loop, interleaved; and what each allocates per operation.
 */
import { kernelIr, openClosePopulation, openCloseScript } from "../../src/bench/kernel-side.ts";
import { type Figures, figuresOf } from "../../src/bench/rounds.ts";
import { runAlone } from "../../src/engines/reference/alone.ts";
import { ReferenceEngine } from "../../src/engines/reference/index.ts";
import { buildGenerators } from "../../src/link/generator/index.ts";
import type { IrProgram } from "../../src/link/ir.ts";
import { buildStepped, type Step, type SteppedProgram } from "../../src/link/stepped/index.ts";
import { Op } from "../../src/machine/ops.ts";
import { bytesPerOperation, type Round, timed } from "./operation-rounds.ts";

const memoryBytes = 8 * 2 ** 20;
/** A turn of the script is an open and a close. */
const recordsPerRound = 40_000;

/** One form of the program, booted and at the beginning of its endless loop. */
interface Contender {
  readonly name: "stepped" | "generator";
  round(records: number): Round;
}

/** A machine on which the program has booted and stands before its first open. */
function booted(program: SteppedProgram): ReferenceEngine {
  const engine = new ReferenceEngine(program, {
    checks: false,
    seed: "stepped benchmark",
    memoryBytes,
    scripts: [openCloseScript(0)],
    stepLimit: Number.MAX_SAFE_INTEGER,
  });
  const call = (entry: string, args: readonly number[]): boolean =>
    engine.run([{ cpu: 0, entry, args, role: "script" }]);
  call("boot", openClosePopulation(1));
  call("bootCpu", [0]);
  if (!call("run", [0, 2])) throw new Error("the program does not boot");
  return engine;
}

function steppedContender(program: SteppedProgram): Contender {
  const engine = booted(program);
  return {
    name: "stepped",
    round: (records) =>
      timed(
        () => engine.world.steps,
        () => {
          const fine = engine.run([{ cpu: 0, entry: "run", args: [0, records], role: "script" }]);
          if (!fine || engine.returnedBy(0) !== 1) throw new Error("the stepped form went wrong");
        },
      ),
  };
}

/** The generator form on a machine of its own: the engine's loop for one actor, with `next` of a generator as its step. */
function generatorContender(program: SteppedProgram, ir: IrProgram): Contender {
  const { world } = booted(program);
  const start = buildGenerators(ir).instantiate(openCloseScript(0));
  return {
    name: "generator",
    round: (records) =>
      timed(
        () => world.steps,
        () => {
          const actor = start("run", [0, records], { cpu: 0, scriptBase: 0 });
          const step: Step = (_state, _base, result) => actor.step(result);
          world.state = actor.state;
          const op = runAlone(world, step, 0, 0, actor.step(0), Number.MAX_SAFE_INTEGER);
          if (op !== Op.done) throw new Error(`the generator form stopped at ${Op[op]}`);
        },
      ),
  };
}

export interface SteppedResult {
  readonly strategy: string;
  readonly hooks: number;
  /** Million operations a second, from the best round. */
  readonly stepped: number;
  readonly generator: number;
  readonly steppedNs: Figures;
  readonly generatorNs: Figures;
  readonly ratio: number;
  /** Bytes of heap per operation. */
  readonly steppedBytes: number;
  readonly generatorBytes: number;
  /** Characters of the longest generated function. V8 optimises none above some 60 KB of bytecode. */
  readonly longestPiece: number;
  readonly pieces: number;
  readonly targets: { readonly stepped: number; readonly ratio: number };
}

/** Issue 2: at least 40 M operations a second and twice a generator form. */
const targets = { stepped: 40, ratio: 2 };

export function measureStepped(strategy: string, hooks: number, rounds: number): SteppedResult {
  const ir = kernelIr(strategy, hooks);
  const program = buildStepped(ir);
  const contenders = [steppedContender(program), generatorContender(program, ir)] as const;
  for (let warmup = 0; warmup < 10; warmup++)
    for (const contender of contenders) contender.round(recordsPerRound);
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const side of order) {
      const { operations, ns } = contenders[side].round(recordsPerRound);
      times[side].push(ns / operations);
    }
  }
  const [steppedNs, generatorNs] = [figuresOf(times[0]), figuresOf(times[1])];
  return {
    strategy,
    hooks,
    stepped: 1000 / steppedNs.bestNs,
    generator: 1000 / generatorNs.bestNs,
    steppedNs,
    generatorNs,
    ratio: generatorNs.bestNs / steppedNs.bestNs,
    steppedBytes: bytesPerOperation(contenders[0].round, recordsPerRound),
    generatorBytes: bytesPerOperation(contenders[1].round, recordsPerRound),
    longestPiece: Math.max(...program.pieces.map((piece) => piece.length)),
    pieces: program.pieces.length,
    targets,
  };
}
