/** The parts of the checker that `refplay check` needs; tests put small ones in their place. */
import type {
  CheckChoice,
  CheckProgram,
  CheckReport,
  PreparedCheck,
  RunOptions,
  StrategyChoice,
} from "../checks/index.ts";
import type { Replay } from "../engines/check/types.ts";
import type { StrategyDescription } from "../link/meta.ts";

export interface CheckServices {
  readonly programs: readonly CheckProgram[];
  /** What a strategy's file says of itself; throws RefplayErrors where it does not parse. */
  describe(path: string): StrategyDescription;
  /** Why the program is skipped for that strategy, or null. */
  appliesTo(program: CheckProgram, meta: StrategyDescription | null): string | null;
  /** Links; throws RefplayErrors with every mistake in the strategy's source. */
  prepare(program: CheckProgram, strategy: StrategyChoice | null, choice: CheckChoice): PreparedCheck;
  run(prepared: PreparedCheck, options: RunOptions): Promise<CheckReport>;
  /** Throws RefplayError `bad-schedule` with the position of the mistake. */
  replay(prepared: PreparedCheck, schedule: string): Replay;
}
