/** Prints by how many MiB the largest size of a process grows when it simulates 1,024 CPUs on one counter. */
import { endless, machineNamed } from "./simulator.ts";

const operations = 4_000_000;

const machine = machineNamed("beyond-2s");
// A small one first: code, and what the linker leaves behind, is not the simulation's.
endless("kref", machine, 2, 10_000).engine.run();
globalThis.gc?.();
const before = process.resourceUsage().maxRSS;
endless("kref", machine, 1024, operations).engine.run();
process.stdout.write(String((process.resourceUsage().maxRSS - before) / 1024));
