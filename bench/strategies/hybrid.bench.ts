/** `npx tsx bench/strategies/hybrid.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("hybrid");
