/**
 * The strategy contract as data: what a strategy file must export, what it may export, and with which signatures. The
 * meaning of each function is documented in `src/kernel/core/contract.ts`; a test keeps the two equal.
 */
import type { IrType } from "./ir.ts";

export interface ContractFunction {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: IrType }[];
  readonly result: IrType | null;
  /** Without it the strategy does not link; the others have a default. */
  readonly required: boolean;
}

export interface ContractConstant {
  readonly name: string;
  /** Value where the strategy leaves it out; null: required. */
  readonly default: number | null;
}

function contractFunction(
  name: string,
  signature: string,
  result: IrType | null = null,
  required = false,
): ContractFunction {
  const parameters = signature.split(" ").map((entry) => {
    const [parameter = "", type = "i32"] = entry.split(":");
    return { name: parameter, type: type as IrType };
  });
  return { name, parameters, result, required };
}

export const contractFunctions: readonly ContractFunction[] = [
  contractFunction("boot", "cpu:i32"),
  contractFunction("init", "cpu:i32 holder:ptr label:ptr", null, true),
  contractFunction("get", "cpu:i32 holder:ptr label:ptr", null, true),
  contractFunction("tryGet", "cpu:i32 holder:ptr label:ptr", "bool", true),
  contractFunction("put", "cpu:i32 holder:ptr label:ptr", null, true),
  contractFunction("move", "cpu:i32 from:ptr to:ptr label:ptr"),
  contractFunction("swap", "cpu:i32 slot:ptr other:ptr"),
  contractFunction("borrow", "cpu:i32 guard:ptr source:ptr", "ptr"),
  contractFunction("unborrow", "cpu:i32 guard:ptr label:ptr"),
  contractFunction("publish", "cpu:i32 label:ptr"),
  contractFunction("retire", "cpu:i32 label:ptr"),
  contractFunction("enterTask", "cpu:i32 task:ptr label:ptr"),
  contractFunction("leaveTask", "cpu:i32 task:ptr label:ptr"),
  contractFunction("switchOut", "cpu:i32 task:ptr next:ptr"),
  contractFunction("enterKernel", "cpu:i32 task:ptr"),
  contractFunction("callback", "cpu:i32 id:i32 head:ptr"),
  contractFunction("maintain", "cpu:i32", "i32"),
  contractFunction("destroy", "cpu:i32 label:ptr"),
];

export const contractConstants: readonly ContractConstant[] = [
  { name: "labelBytes", default: null },
  { name: "globalBytes", default: 0 },
  { name: "cpuBytes", default: 0 },
  { name: "taskBytes", default: 0 },
  { name: "holderBytes", default: 8 },
  { name: "guardBytes", default: 8 },
  { name: "labelCpuBytes", default: 0 },
  { name: "labelExtraBytes", default: 0 },
  { name: "maintenanceIntervalMs", default: 0 },
  { name: "namespaceClass", default: 0 },
];

/** `export function put(cpu: i32, holder: ptr, label: ptr): void`, for messages. */
export function signatureOf(entry: ContractFunction): string {
  const parameters = entry.parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(", ");
  return `export function ${entry.name}(${parameters}): ${entry.result ?? "void"}`;
}
