/** Bare programs: strategy calls and small portable functions (test/programs/check/), as few operations as the idea takes. */
import { bufferPrograms } from "./bare-buffers.ts";
import { corePrograms, hazardPrograms } from "./bare-core.ts";
import { credPrograms } from "./bare-cred.ts";
import { labelPrograms } from "./bare-label.ts";
import { labelSetPrograms } from "./bare-label-set.ts";
import { managedScanPrograms } from "./bare-managed-scan.ts";
import { mapsPrograms } from "./bare-maps.ts";
import { percpuRefPrograms } from "./bare-percpu-ref.ts";
import { policyBarePrograms } from "./bare-policy.ts";
import { procWalkPrograms } from "./bare-proc-walk.ts";
import { procfsPrograms } from "./bare-procfs.ts";
import { rawdataPrograms } from "./bare-rawdata.ts";
import { taskPrograms } from "./bare-tasks.ts";
import { treePrograms } from "./bare-tree.ts";
import type { CheckProgram } from "./types.ts";

export const barePrograms: readonly CheckProgram[] = [
  ...labelPrograms,
  ...taskPrograms,
  ...percpuRefPrograms,
  ...managedScanPrograms,
  ...hazardPrograms,
  ...corePrograms,
  ...treePrograms,
  ...mapsPrograms,
  ...procfsPrograms,
  ...procWalkPrograms,
  ...credPrograms,
  ...labelSetPrograms,
  ...policyBarePrograms,
  ...bufferPrograms,
  ...rawdataPrograms,
];
