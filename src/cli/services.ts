/** The real parts behind the command line. */
import { join } from "node:path";
import { builtinScenarios } from "../config/scenarios.ts";
import { packageVersion } from "../config/version.ts";
import { readStrategyMeta } from "../link/meta.ts";
import { nodeHost, packageRoot } from "../link/node-host.ts";
import { thisHost } from "../results/host.ts";
import type { CliServices } from "./io.ts";
import { prepareThreadCells, runThreadCell } from "./threads-cell.ts";

/** Everything from this package and this machine. */
export function realServices(): CliServices {
  const host = nodeHost();
  return {
    scenarios: builtinScenarios,
    strategiesFolder: join(packageRoot, "strategies"),
    describe: (path) => readStrategyMeta(path, host),
    host: thisHost(),
    version: packageVersion(),
    prepare: prepareThreadCells,
    runCell: runThreadCell,
  };
}
