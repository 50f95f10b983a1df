/** All tables, in the order of reports. */
import { type PublishedTexts, publishedRows } from "../published.ts";
import type { FidelityTable } from "../types.ts";
import { coreToCoreTable } from "./core-to-core.ts";
import { nginxTable } from "./nginx.ts";
import { open1RatesTable, open1Table } from "./open1.ts";
import { atomicIncTable, refscaleTable } from "./xeon.ts";

export function fidelityTables(texts: PublishedTexts): FidelityTable[] {
  return [
    nginxTable(publishedRows(texts["nginx-scaling-zen4"])),
    open1Table(publishedRows(texts["open1-will-it-scale"])),
    open1RatesTable(publishedRows(texts["open1-will-it-scale"])),
    atomicIncTable(publishedRows(texts["atomic-inc-xeon8176"])),
    refscaleTable(publishedRows(texts["refscale-xeon8176"])),
    coreToCoreTable(publishedRows(texts["core-to-core"])),
  ];
}
