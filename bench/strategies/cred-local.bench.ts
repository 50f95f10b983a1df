/** `npx tsx bench/strategies/cred-local.bench.ts` */
import { runStrategySuite } from "../lib/strategy-suite.ts";

await runStrategySuite("cred-local");
