/** Strategies and machines of this package, and the seed of the published table. */
import { join } from "node:path";
import { fidelitySeed, type PredictContext } from "../../src/fidelity/predict.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { builtinMachine } from "../../src/machines/builtin.ts";
import { compileMachine } from "../../src/machines/compile.ts";

export const fidelityContext: PredictContext = {
  sources: {
    host: nodeHost(),
    strategyPath: (name) => join(packageRoot, "strategies", `${name}.ts`),
  },
  machine(name) {
    const description = builtinMachine(name);
    if (description === undefined) throw new Error(name);
    return compileMachine(description);
  },
  seed: fidelitySeed,
};
