/** What the kernel's `boot` makes, and its arguments in their order: for engines and tests, which call it. No imports. */

/** What `boot` has to create, and to have room for. */
export interface BootPopulation {
  /** Profiles beside `unconfined` (index 0) that the root namespace has from the beginning: 1 to `profiles`. */
  readonly profiles: number;
  readonly tasks: number;
  /** Descriptors of every task are 0 to `descriptorsPerTask` - 1. */
  readonly descriptorsPerTask: number;
  /** Consecutive tasks that share one cred, 1 or more. */
  readonly threadsPerProcess: number;
  /** Channels for passing files. */
  readonly channels: number;
  /** Further profiles, from `profiles` + 1 on, which scripts name and load; 0 unless given. */
  readonly namedProfiles?: number;
  /** Namespaces beside the root (index 0); 0 unless given. */
  readonly namespaces?: number;
  /** Slots in which scripts keep labels, and policy texts; 0 unless given. */
  readonly labelSlots?: number;
  readonly rawdataSlots?: number;
  /** Answers that scripts write down; 0 unless given. */
  readonly answers?: number;
}

export function bootArguments(population: BootPopulation): number[] {
  return [
    population.profiles,
    population.tasks,
    population.descriptorsPerTask,
    population.threadsPerProcess,
    population.channels,
    population.namedProfiles ?? 0,
    population.namespaces ?? 0,
    population.labelSlots ?? 0,
    population.rawdataSlots ?? 0,
    population.answers ?? 0,
  ];
}
