import type { CliIo } from "./io.ts";

export function importCommand(_trace: string, _options: { json: boolean; out?: string }, _io: CliIo): number {
  return 0;
}
