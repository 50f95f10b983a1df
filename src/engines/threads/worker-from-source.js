// Starts worker.ts where refplay runs from its TypeScript sources (tests, benchmarks). Worker threads do not inherit the
// loader of the main thread, and `execArgv: ["--import", "tsx"]` fails on Node 20, so the loader is registered here.
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
