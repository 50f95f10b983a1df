/** `npx tsx bench/strategies/kref.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("kref");
