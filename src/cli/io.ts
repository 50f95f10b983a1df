/** What the command line takes from its surroundings, so that tests run it in their own process. */
import type { Scenario } from "../config/scenarios.ts";
import type { DescribeStrategy } from "../config/strategies.ts";
import type { Host } from "../results/schema.ts";
import type { CellSpec, RunCell } from "../runner/cell-spec.ts";
import type { BenchServices } from "./bench-command.ts";
import type { CalibrateService } from "./calibrate-command.ts";
import type { CheckServices } from "./check-services.ts";

/** Streams, environment and signals of the process. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** The stream that a progress bar draws on; undefined where stderr is no terminal. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** Whether stdout is a terminal that shows colours. */
  readonly color: boolean;
  readonly workingFolder: string;
  /** How refplay was started, `refplay` or `node bin/refplay.js`: commands in reports begin with it. */
  readonly command: string;
  /** Bytes of memory that the machine, or the container, has. */
  readonly memoryBytes: number;
  /** ISO 8601, UTC. */
  now(): string;
  /** Calls `stop` at the first Ctrl-C; a second one ends the process. Returns how to stop listening. */
  onInterrupt(stop: () => void): () => void;
}

/** Tells people what results do not depend on; quiet where nobody watches, and where that is asked for. */
export function hint(io: CliIo, text: string, quiet: boolean | undefined): void {
  if (io.terminal !== undefined && !quiet) io.stderr(text);
}

/** The parts of refplay that a run needs; tests put small ones in their place. */
export interface CliServices {
  readonly scenarios: readonly Scenario[];
  /** The config that is run where none is named, an absolute path. */
  readonly standardConfig: string;
  /** Folder of the built-in strategies. */
  readonly strategiesFolder: string;
  readonly describe: DescribeStrategy;
  readonly host: Host;
  readonly version: string;
  /**
   * Links every program of a run and tries it out; rejects with RefplayErrors before anything is measured or written. A hash
   * of all that was linked.
   */
  prepare(cells: readonly CellSpec[]): Promise<string>;
  /** Why threads of this process cannot be bound to CPUs; null where it can be tried. */
  readonly whyNotPinned: () => Promise<string | null>;
  readonly runCell: RunCell;
  readonly checks: CheckServices;
  readonly bench: BenchServices;
  readonly calibrate: CalibrateService;
}

/** Exit statuses of every command. */
export const exitStatus = {
  fine: 0,
  /** A verdict failed: a leak, a violation, a cell that could not be measured. */
  failed: 1,
  /** Wrong usage or input. */
  usage: 2,
  /** A defect of refplay (EX_SOFTWARE of sysexits.h). */
  defect: 70,
  /** Stopped by Ctrl-C (128 + SIGINT). */
  interrupted: 130,
} as const;
