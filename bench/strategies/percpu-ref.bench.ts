/** `npx tsx bench/strategies/percpu-ref.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("percpu-ref");
