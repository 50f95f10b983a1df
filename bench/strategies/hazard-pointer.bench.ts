/** `npx tsx bench/strategies/hazard-pointer.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("hazard-pointer");
