// Starts sim-worker.ts where refplay runs from its TypeScript sources; see the threads engine's file of the same kind.
import { register } from "tsx/esm/api";

register();
await import("./sim-worker.ts");
