/** Tells whether two runs would measure the same thing, so that one may go on where the other stopped. */
import { createHash } from "node:crypto";

/** SHA-256 (hex) of plain data; the order of keys does not matter. */
export function fingerprint(data: unknown): string {
  return createHash("sha256").update(canonical(data)).digest("hex");
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
