/** `npx tsx bench/strategies/none.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("none");
