/**
 * Tells V8 which functions its baseline compiler shall compile, in a custom section that it reads where
 * `--experimental-wasm-compilation-hints` is set and anybody else skips.
 *
 * Why: V8's optimising compiler (TurboFan, as of 11.3) makes a loop of a load and `lock cmpxchg` from an atomic addition on
 * x86-64; its baseline compiler (Liftoff) makes one `lock xadd`. Alone the loop costs a sixth more. Contended it costs
 * double, because the load fetches the line to share it and the exchange fetches it again to own it, and because an
 * exchange that fails has done so for nothing. Measured on two cores of one Xeon, get+put of one counter, in C 76 ns
 * contended and 10.9 ns alone: loop 155 and 12.7; call of a baseline function 95 and 11.9. What we measure are counters
 * as the kernel builds them, so `lock xadd` it must be.
 */
import type { WasmContext } from "./context.ts";

/** Name of the section: src/wasm/wasm-module.h and module-decoder of V8. */
export const tierHintsSection = "compilationHints";

/** One byte a function: bits 0-1 when, bits 2-3 the first compiler, bits 4-5 the last; 0 = V8's choice. */
const baseline = (1 << 2) | (1 << 4);
const optimised = (2 << 2) | (2 << 4);

const functionSection = 3;
const codeSection = 10;
/** Bytes of magic and version. */
const headerBytes = 8;

function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function readUnsignedLeb(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return { value: value >>> 0, next: at + 1 };
  }
}

/** Names of the module's own functions in the order of the binary, which leaves imports out. */
export function definedFunctions(context: WasmContext): string[] {
  const { binaryen, module } = context;
  const infos = Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  return infos.filter((info) => info.module === "").map((info) => info.name);
}

/** The module with hints: `functions` are its own functions' names in order, those in `baselineNames` stay baseline. */
export function withTierHints(
  binary: Uint8Array,
  functions: readonly string[],
  baselineNames: ReadonlySet<string>,
): Uint8Array {
  const name = [...new TextEncoder().encode(tierHintsSection)];
  const hints = functions.map((entry) => (baselineNames.has(entry) ? baseline : optimised));
  const content = [...unsignedLeb(name.length), ...name, ...unsignedLeb(hints.length), ...hints];
  const section = Uint8Array.from([0, ...unsignedLeb(content.length), ...content]);
  let at = headerBytes;
  while (at < binary.length && binary[at] !== codeSection) {
    const size = readUnsignedLeb(binary, at + 1);
    if (binary[at] === functionSection && readUnsignedLeb(binary, size.next).value !== hints.length) {
      throw new Error(`${hints.length} hints for ${readUnsignedLeb(binary, size.next).value} functions`);
    }
    at = size.next + size.value;
  }
  const out = new Uint8Array(binary.length + section.length);
  out.set(binary.subarray(0, at));
  out.set(section, at);
  out.set(binary.subarray(at), at + section.length);
  return out;
}
