/** One text for one value, so that "the same to the last digit" is a comparison of texts. No Node: pages make the same texts. */

/**
 * JSON with sorted keys and a line for each member. Numbers are in the shortest form that reads back as the same double, -0 apart from 0; Maps
 * are lists of entries in the order of the Map, which is part of what must be the same; typed arrays are lists; members that are undefined are left out.
 * Throws for what JSON would lose: numbers that are not finite, functions, Dates.
 */
export function canonicalText(value: unknown): string {
  return textOf(value, "\n");
}

function textOf(value: unknown, lineBreak: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`a result holds ${value}`);
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (typeof value !== "object") throw new TypeError(`a result holds a ${typeof value}`);
  const inner = `${lineBreak} `;
  if (Array.isArray(value)) return bracketed("[]", value, (item) => textOf(item ?? null, inner), lineBreak);
  if (value instanceof Map)
    return bracketed("[]", [...value], ([key, item]) => textOf([key, item], inner), lineBreak);
  if (ArrayBuffer.isView(value)) return textOf([...(value as Int32Array)], lineBreak);
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`a result holds a ${value.constructor.name}`);
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const member = ([key, item]: [string, unknown]) => `${JSON.stringify(key)}: ${textOf(item, inner)}`;
  return bracketed("{}", members, member, lineBreak);
}

function bracketed<T>(
  [open, close]: string,
  items: readonly T[],
  text: (item: T) => string,
  lineBreak: string,
) {
  if (items.length === 0) return `${open}${close}`;
  const inner = `${lineBreak} `;
  return `${open}${inner}${items.map(text).join(`,${inner}`)}${lineBreak}${close}`;
}

/**
 * Where two canonical texts part: the first line that differs with the lines around it that say where it stands; null where they are the
 * same.
 */
export function firstDifference(here: string, there: string): string | null {
  if (here === there) return null;
  const [left, right] = [here.split("\n"), there.split("\n")];
  let at = 0;
  while (left[at] === right[at]) at++;
  const indent = (line = "") => line.length - line.trimStart().length;
  const where: string[] = [];
  for (let line = at - 1, depth = indent(left[at]); line >= 0 && depth > 0; line--) {
    if (indent(left[line]) >= depth) continue;
    depth = indent(left[line]);
    where.unshift(left[line] ?? "");
  }
  return [...where, `-${left[at] ?? ""}`, `+${right[at] ?? ""}`].join("\n");
}
