import { measureOverhead } from "./lib/overhead.ts";

for (const o of await measureOverhead({ rounds: 30, runMs: 4, pin: true })) console.log(o);
