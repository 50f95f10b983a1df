/** From figures to the fields of a machine file, each with how it came about: nothing that was not measured says that it was. */
import { contendedFields } from "./derive-contended.ts";
import { distanceFields } from "./derive-distances.ts";
import { assumed, defaults, type Field, measured } from "./fields.ts";
import type { Measurements } from "./measure.ts";
import type { CalibrationPlan } from "./plan.ts";

/** All numbers but the topology's, in the order of a machine file. */
export function deriveFields(
  measurements: Measurements,
  plan: CalibrationPlan,
  lineBytes: number | null,
): Field[] {
  const { ownCpu, memory, memoryBytes } = measurements;
  const who = ownCpu === null ? "one CPU of the scheduler's choice" : `CPU ${ownCpu}`;
  const distances = distanceFields(measurements, plan);
  const contended = contendedFields(measurements, distances);
  const { hold, mostHold, handOff } = contended;
  return [
    lineBytes === null
      ? assumed("lineBytes", defaults.lineBytes, "the system does not tell; the usual value")
      : {
          path: "lineBytes",
          value: lineBytes,
          basis: "published",
          where: "coherency_line_size, as the system tells it",
          spread: "",
        },
    measured(
      "costNs.hit",
      measurements.hit,
      `${who}: loads of an own line, each of the address that the one before found`,
      0.01,
    ),
    measured(
      "costNs.store",
      measurements.store,
      `${who}: stores to an own line in a row, which is what they cost at once`,
    ),
    measured("costNs.privateAtomic", measurements.privateAtomic, `${who}: fetchAdd to an own line in a row`),
    distances.atomic,
    measured("costNs.fence", measurements.fence, `${who}: fences in a row, with nothing in the store buffer`),
    ...distances.idle,
    memory === null
      ? assumed("latencyNs.memory", defaults.latencyNs.memory, noMemory(memoryBytes))
      : measured(
          "latencyNs.memory",
          memory,
          `${who}: loads all over ${memoryBytes / 2 ** 20} MiB, each of the address that the one before found, 8 of each page; page walks included`,
          0.125,
        ),
    ...handOff,
    hold,
    mostHold,
    assumed("storeBufferEntries", defaults.storeBufferEntries, "not measured; the usual value"),
    assumed(
      "gracePeriodUs",
      defaults.gracePeriodUs,
      "not measured: it is the kernel's and not the processor's; the usual value",
    ),
  ];
}

function noMemory(bytes: number): string {
  return bytes === 0
    ? "not measured: not enough free memory, or an L3 cache too large to be missed; the usual value"
    : "not measured; the usual value";
}
