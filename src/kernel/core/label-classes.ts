/** Names of the classes of labels, apart from how they are told: outside the kernel they are only names. */
export enum LabelClass {
  /** The root namespace's own `unconfined`, which most tasks bear, and profiles that are loaded in unconfined mode. */
  unconfined = 0,
  /** Any other label of one profile. */
  profile = 1,
  /** Of several profiles. Nobody owns one, so nobody need retire it. */
  compound = 2,
  /** The own `unconfined` of a namespace inside the root: what a container's tasks bear. Needs `namespaceClass`. */
  namespace = 3,
}
