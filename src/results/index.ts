/** What the package exports for tools that read results: the record's types, and a reader that refuses what it would misread. */
export { type Cell, type Host, hasFaults, isComplete, type ResultsRecord, resultsVersion } from "./schema.ts";
export { readResults } from "./store.ts";
