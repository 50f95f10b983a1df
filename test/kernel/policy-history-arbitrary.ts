/** Random histories; what fast-check shrinks a failing one to is printed as a list of steps. */
import fc from "fast-check";
import {
  administrator,
  channels,
  descriptors,
  everythingThere,
  historyText,
  type LoadedProfile,
  labelSlots,
  numbers,
  profileNames,
  type Step,
  textSlots,
} from "./policy-history.ts";

const below = (limit: number): fc.Arbitrary<number> => fc.nat({ max: limit - 1 });

const namespace = below(numbers.namespaces.length);
const profile = below(profileNames.length);
/** Not the administrator. */
const task = below(administrator);
const fd = below(descriptors);
const slot = below(labelSlots);
const mode = fc.constantFrom<LoadedProfile["mode"]>("enforce", "enforce", "complain", "unconfined");
const loaded: fc.Arbitrary<LoadedProfile> = fc.record({ profile, mode });

/** Mostly of one namespace, so that some are not refused. */
const set = fc.oneof(
  { weight: 4, arbitrary: loaded.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(loaded, { minLength: 2, maxLength: 3 }) },
  {
    weight: 3,
    arbitrary: below(numbers.namespaces.length).chain((of) => {
      const path = numbers.namespaces[of] as readonly string[];
      const own = profileNames.flatMap((part, at) =>
        numbers.namespace(part.namespace) === numbers.namespace(path) ? [at] : [],
      );
      return fc.array(fc.record({ profile: fc.constantFrom(...own), mode }), { minLength: 2, maxLength: 3 });
    }),
  },
);

const weighted = (
  weight: number,
  arbitrary: fc.Arbitrary<Step>,
): { weight: number; arbitrary: fc.Arbitrary<Step> } => ({
  weight,
  arbitrary,
});

/** Changes of policy. */
export const policyStep: fc.Arbitrary<Step> = fc.oneof(
  weighted(3, fc.record({ do: fc.constant("create" as const), namespace })),
  weighted(2, fc.record({ do: fc.constant("destroy" as const), namespace })),
  weighted(10, fc.record({ do: fc.constant("load" as const), set, replace: fc.boolean() })),
  weighted(4, fc.record({ do: fc.constant("remove" as const), profile })),
);

const hats = profileNames.flatMap((_, at) => (numbers.isHat(at) ? [at] : []));

/** What tasks do, and who keeps their labels. */
export const otherStep: fc.Arbitrary<Step> = fc.oneof(
  weighted(5, fc.record({ do: fc.constant("change" as const), task, profile })),
  weighted(8, fc.record({ do: fc.constant("stack" as const), task, profile })),
  weighted(
    4,
    fc.record({
      do: fc.constant("hat" as const),
      task,
      profile: fc.oneof(fc.constantFrom(...hats), profile, fc.constant(0)),
    }),
  ),
  weighted(1, fc.record({ do: fc.constant("fork" as const), task, child: task, thread: fc.boolean() })),
  weighted(1, fc.record({ do: fc.constant("exit" as const), task })),
  weighted(4, fc.record({ do: fc.constantFrom("open" as const, "close" as const), task, fd })),
  weighted(1, fc.record({ do: fc.constant("socket" as const), task, fd })),
  weighted(5, fc.record({ do: fc.constant("use" as const), task, fd, mask: fc.constantFrom(1, 2, 4) })),
  weighted(1, fc.record({ do: fc.constant("dup" as const), task, fd, to: fd })),
  weighted(
    4,
    fc.record({
      do: fc.constantFrom("pass" as const, "receive" as const),
      task,
      fd,
      channel: below(channels),
    }),
  ),
  weighted(1, fc.record({ do: fc.constant("signal" as const), task, target: task })),
  weighted(5, fc.record({ do: fc.constant("keep" as const), task, slot })),
  weighted(3, fc.record({ do: fc.constant("parse" as const), slot })),
  weighted(3, fc.record({ do: fc.constantFrom("drop" as const, "lookUp" as const), slot })),
  weighted(1, fc.record({ do: fc.constant("openText" as const), profile, slot: below(textSlots) })),
  weighted(1, fc.record({ do: fc.constant("closeText" as const), slot: below(textSlots) })),
  weighted(3, fc.constant({ do: "grace" as const })),
);

/** Steps, and how fast-check prints them. */
export class History {
  readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  [fc.toStringMethod](): string {
    return `\n${historyText(this.steps)}`;
  }
}

/** What single steps drawn at random seldom come to in a row. */
const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 8, arbitrary: policyStep.map((step) => [step]) },
  { weight: 20, arbitrary: otherStep.map((step) => [step]) },
  // The same name, but another profile.
  {
    weight: 2,
    arbitrary: loaded.map((one): Step[] => [
      { do: "remove", profile: one.profile },
      { do: "load", set: [one], replace: true },
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(task, profile, profile, slot).map(([by, first, second, kept]): Step[] => [
      { do: "change", task: by, profile: first },
      { do: "stack", task: by, profile: second },
      { do: "keep", task: by, slot: kept },
    ]),
  },
);

/** From everything loaded, or from nothing. */
export const history: fc.Arbitrary<History> = fc
  .tuple(fc.nat({ max: 3 }), fc.array(steps, { maxLength: 50, size: "max" }))
  .map(([start, groups]) => new History([...(start === 3 ? [] : everythingThere), ...groups.flat()]));
