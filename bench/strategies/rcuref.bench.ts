/** `npx tsx bench/strategies/rcuref.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("rcuref");
