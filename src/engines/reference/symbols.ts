/** Names for addresses in reports. */

import type { IrStruct } from "../../link/ir.ts";
import { fieldIn } from "../../link/symbols.ts";
import { Boot } from "../../machine/memory-map.ts";
import type { ObjectRecord } from "./shadow.ts";
import type { SymbolOptions } from "./types.ts";

function fieldAt(struct: IrStruct | undefined, offset: number): string {
  const field = fieldIn(struct, offset);
  return field === undefined ? `+${offset}` : `.${field}`;
}

/** For example `Label#2.refs`: the second label allocated; undefined where nothing is known. */
export function symbolAt(
  address: number,
  object: ObjectRecord | undefined,
  structs: readonly IrStruct[],
  options: SymbolOptions,
): string | undefined {
  const named = options.symbol?.(address);
  if (named !== undefined) return named;
  if (object !== undefined) {
    const name = options.kinds?.get(object.kind) ?? `kind ${object.kind} `;
    const struct = structs.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
    return `${name}#${object.serial}${fieldAt(struct, address - object.address)}`;
  }
  const boot = Boot[address];
  return boot === undefined ? undefined : `Boot.${boot}`;
}
