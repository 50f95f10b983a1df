/** What a machine's memory says of policy while nobody runs: who has which label, and what is in the label sets. */
import { Kind } from "../../src/kernel/core/kinds.ts";
import { descriptors, labelSlots, numbers, profileNames, tasks } from "./policy-history.ts";
import { holderNames } from "./policy-history-model.ts";

/** A machine at rest with test/programs/policy-stage.ts on it. */
export interface Resting {
  /** The cell at an address. */
  read(address: number): number;
  constants: ReadonlyMap<string, number>;
}

export interface SeenLabel {
  readonly address: number;
  readonly stale: boolean;
  readonly inTree: boolean;
  /** Holders that refer to it, as the kernel's own books say. */
  readonly holders: number;
  /** Addresses of profiles. */
  readonly profiles: readonly number[];
}

export class PolicyView {
  readonly #machine: Resting;
  readonly #names: readonly number[];

  /** `nameAddresses`: what the entry `nameAt` says of each name. */
  constructor(machine: Resting, nameAddresses: readonly number[]) {
    this.#machine = machine;
    this.#names = nameAddresses;
  }

  /** What the program exports under that name. */
  constant(name: string): number {
    const value = this.#machine.constants.get(name);
    if (value === undefined) throw new Error(`the program exports no ${name}`);
    return value;
  }

  #read(address: number): number {
    return this.#machine.read(address);
  }

  /** By number: the profile that has the name now, 0 for none. */
  listed(): number[] {
    return this.#names.map((address) => this.#read(address));
  }

  /** By number: a namespace's address, 0 where there is none. */
  namespaces(): number[] {
    const table = this.#read(this.constant("globalNamespaces"));
    return numbers.namespaces.map((_, index) => this.#read(table + index * this.constant("pointerBytes")));
  }

  label(address: number): SeenLabel {
    const at = (name: string): number => this.#read(address + this.constant(name));
    const vector = address + this.constant("labelVec");
    return {
      address,
      stale: (at("labelFlags") & this.constant("labelIsStale")) !== 0,
      inTree: at("labelState") === this.constant("labelIsInTree"),
      holders: at("labelHolders"),
      profiles: Array.from({ length: at("labelSize") }, (_, part) =>
        this.#read(vector + part * this.constant("pointerBytes")),
      ),
    };
  }

  isUnconfined(label: number): boolean {
    return (this.#read(label + this.constant("labelFlags")) & this.constant("labelIsUnconfined")) !== 0;
  }

  /** Where the proxy of a label leads. */
  successor(address: number): number {
    return this.#read(this.#read(address + this.constant("labelProxy")) + this.constant("proxyLabel"));
  }

  /** Follows proxies until a label is not stale. */
  newest(address: number): number {
    let newest = address;
    for (let hops = 0; this.label(newest).stale; hops++) {
      newest = this.successor(newest);
      if (newest === 0) throw new Error("a stale label leads nowhere");
      if (hops > 1000) throw new Error("stale labels lead to each other");
    }
    return newest;
  }

  /** Number of a profile's name. */
  nameOf(profile: number): number {
    return this.#read(profile + this.constant("profileIndex"));
  }

  profileIsStale(profile: number): boolean {
    return this.#read(profile + this.constant("profileStale")) !== 0;
  }

  /** For people. */
  text(label: SeenLabel): string {
    const parts = label.profiles.map((profile) => {
      const { namespace, profile: name } = profileNames[this.nameOf(profile)] ?? {
        namespace: ["?"],
        profile: "?",
      };
      return `${[...namespace, name].join("//")}@${profile}`;
    });
    return `${parts.join(" & ")}${label.stale ? ", stale" : ""}`;
  }

  /** Who has a label, and its address. */
  holders(): Map<string, number> {
    const holders = new Map<string, number>();
    const note = (name: string, address: number): void => {
      if (address !== 0) holders.set(name, address);
    };
    const pointerBytes = this.constant("pointerBytes");
    const table = this.#read(this.constant("globalTasks"));
    for (let number = 0; number < tasks; number++) {
      const task = this.#read(table + number * pointerBytes);
      const cred = this.#read(task + this.constant("taskCred"));
      if (cred === 0) continue;
      note(holderNames.task(number), this.#read(cred + this.constant("credLabel")));
      note(holderNames.previous(number), this.#read(task + this.constant("taskPrevious")));
      const open = this.#read(task + this.constant("taskDescriptors"));
      for (let fd = 0; fd < descriptors; fd++) {
        const file = this.#read(open + fd * pointerBytes);
        if (file !== 0) note(holderNames.file(number, fd), this.#read(file + this.constant("fileLabel")));
      }
    }
    const slots = this.#read(this.constant("globalLabelSlots"));
    for (let slot = 0; slot < labelSlots; slot++) {
      note(holderNames.slot(slot), this.#read(slots + slot * this.constant("holderBytes")));
    }
    return holders;
  }

  /** Members of the trees of all namespaces that are there. */
  members(): SeenLabel[] {
    const nodes: number[] = [];
    for (const namespace of this.namespaces()) {
      if (namespace !== 0) nodes.push(this.#read(namespace + this.constant("setTree")));
    }
    const members: SeenLabel[] = [];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (node === 0) continue;
      members.push(this.label(node - this.constant("labelNode")));
      nodes.push(this.#read(node + this.constant("nodeLeft")), this.#read(node + this.constant("nodeRight")));
    }
    return members;
  }
}

/** The labels among live objects. */
export const labelsAmong = (
  objects: readonly { readonly address: number; readonly kind: number }[],
): number[] => objects.filter(({ kind }) => kind === Kind.label).map(({ address }) => address);
