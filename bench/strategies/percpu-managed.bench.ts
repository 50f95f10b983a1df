/** `npx tsx bench/strategies/percpu-managed.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("percpu-managed");
