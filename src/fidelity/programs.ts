/** The programs that tables simulate, linked once each. The linker and the simulator need no Node, and neither does this. */
import { kernelProgram, linkProgram, type ProgramSpec } from "../link/link.ts";
import type { SourceHost } from "../link/source-host.ts";
import { buildStepped, type SteppedProgram } from "../link/stepped/index.ts";
import type { KernelLoad } from "./types.ts";

/** Where portable sources are. */
export interface Sources {
  readonly host: SourceHost;
  /** Path of a built-in strategy, as the host knows it. */
  strategyPath(name: string): string;
}

/** The numbers that the kernel's option `hooks` takes. */
const hookLevel = { "v6.6": 66, "v6.7": 67, "v6.11": 611 } as const;

/** Eight labels, one counter for each: the least that the kernel takes. */
const percpuBytes = 8192;

const countingModule = "refplay/source/bench/programs/counting.ts";

export class FidelityPrograms {
  private readonly sources: Sources;
  private readonly linked = new Map<string, SteppedProgram>();

  constructor(sources: Sources) {
    this.sources = sources;
  }

  /** The kernel with a strategy, as a measured run has it: no verification. */
  kernel({ strategy, hooks }: Pick<KernelLoad, "strategy" | "hooks">): SteppedProgram {
    const { host, strategyPath } = this.sources;
    return this.once(`${strategy} ${hooks}`, () =>
      kernelProgram(
        { path: strategyPath(strategy) },
        { hooks: hookLevel[hooks], verify: 0, percpuBytes },
        host,
      ),
    );
  }

  /** bench/programs/counting.ts. */
  counting(): SteppedProgram {
    const { host } = this.sources;
    return this.once("counting", () => {
      const module = host.resolve(countingModule, "");
      if (module === undefined) throw new Error(`the host does not provide ${countingModule}`);
      return { module, entries: "all", strategies: [], options: {} };
    });
  }

  private once(key: string, spec: () => ProgramSpec): SteppedProgram {
    const known = this.linked.get(key);
    if (known !== undefined) return known;
    const made = buildStepped(linkProgram({ ...spec(), steppedOnly: true }, this.sources.host));
    this.linked.set(key, made);
    return made;
  }
}
