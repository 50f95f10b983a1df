/** The JSON Schema of a machine file, for editors: docs/machine.schema.json is a copy that a test compares. */
import { type JsonSchema, toInputSchema } from "../input/describe.ts";
import { machineSchema } from "./schema.ts";

/** JSON Schema (draft 2020-12). */
export function machineJsonSchema(): JsonSchema {
  return { ...toInputSchema(machineSchema), title: "refplay machine" };
}
