/**
 * The part of the WebAssembly JavaScript interface that refplay uses (https://webassembly.github.io/threads/js-api/).
 * TypeScript declares it in its "dom" library only, which would also let `window` and `document` compile everywhere.
 */
declare namespace WebAssembly {
  type ValueType = "i32" | "i64";

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { module: string; name: string; kind: string }[];
    static customSections(module: Module, name: string): ArrayBuffer[];
    static exports(module: Module): { name: string; kind: string }[];
  }

  class Memory {
    /** Sizes in pages of 65,536 bytes. */
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }

  class Global {
    constructor(descriptor: { value: ValueType; mutable?: boolean }, value: number);
    value: number;
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }

  class RuntimeError extends Error {}
  class CompileError extends Error {}
  class LinkError extends Error {}
}
