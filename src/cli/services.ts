/** The real parts behind the command line. */
import { join } from "node:path";
import { measureStrategies } from "../bench/measure.ts";
import { calibrate } from "../calibrate/index.ts";
import {
  appliesTo,
  checkPrograms,
  type LinkedPrograms,
  prepareCheck,
  replayCheck,
  runCheck,
} from "../checks/index.ts";
import { builtinScenarios } from "../config/scenarios.ts";
import { whyNotPinned } from "../engines/threads/index.ts";
import { openCache } from "../link/cache.ts";
import { readStrategyMeta } from "../link/meta.ts";
import { nodeHost, packageRoot } from "../link/node-host.ts";
import { thisHost } from "../results/host.ts";
import type { CellSpec } from "../runner/cell-spec.ts";
import { Programs } from "../runner/programs.ts";
import { ScenarioCells } from "../runner/scenario-cells.ts";
import { SimCells } from "../runner/sim-cells.ts";
import { simThread } from "../runner/sim-thread.ts";
import { ThreadCells } from "../runner/threads-cell.ts";
import { findProgramScenario } from "../scenarios/index.ts";
import { packageVersion } from "../version.ts";
import type { CliServices } from "./io.ts";

/** Everything from this package and this machine. */
export function realServices(): CliServices {
  const host = nodeHost();
  const strategiesFolder = join(packageRoot, "strategies");
  const linked: LinkedPrograms = new Map();
  const programs = new Programs(host, openCache());
  const threads = new ThreadCells(programs, host, strategiesFolder);
  const simulate = simThread();
  const simulated = new SimCells(programs, host, strategiesFolder, simulate);
  const scenarios = new ScenarioCells(programs, host, simulate);
  const cellsOf = ({ engine, workload }: CellSpec) => {
    if (findProgramScenario(workload.scenario) !== undefined) return scenarios;
    return engine === "sim" ? simulated : threads;
  };
  return {
    scenarios: builtinScenarios,
    standardConfig: join(packageRoot, "configs", "nginx-zen4.yaml"),
    strategiesFolder,
    describe: (path) => readStrategyMeta(path, host),
    host: thisHost(),
    version: packageVersion(),
    prepare: async (specs) => {
      const hashes = [scenarios, simulated, threads].map((cells) =>
        cells.prepare(specs.filter((spec) => cellsOf(spec) === cells)),
      );
      return hashes.join();
    },
    whyNotPinned,
    runCell: (spec, control) => cellsOf(spec).run(spec, control),
    checks: {
      programs: checkPrograms,
      describe: (path) => readStrategyMeta(path, host),
      appliesTo,
      prepare: (program, strategy, choice) => prepareCheck(program, strategy, choice, host, linked),
      run: runCheck,
      replay: replayCheck,
    },
    calibrate,
    bench: { measure: (request) => measureStrategies(request, (program) => programs.module(program)) },
  };
}
