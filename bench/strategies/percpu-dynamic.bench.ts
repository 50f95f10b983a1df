/** `npx tsx bench/strategies/percpu-dynamic.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("percpu-dynamic");
