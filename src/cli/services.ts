/** The real parts behind the command line. */
import { join } from "node:path";
import { builtinScenarios } from "../config/scenarios.ts";
import { packageVersion } from "../config/version.ts";
import { packageRoot } from "../link/node-host.ts";
import { thisHost } from "../results/host.ts";
import type { CliServices } from "./io.ts";
import { describeStrategyFile, prepareThreadCells, runThreadCell } from "./threads-cell.ts";

/** Everything from this package and this machine. */
export function realServices(): CliServices {
  return {
    scenarios: builtinScenarios,
    strategiesFolder: join(packageRoot, "strategies"),
    describe: describeStrategyFile,
    host: thisHost(),
    version: packageVersion(),
    prepare: prepareThreadCells,
    runCell: runThreadCell,
  };
}
