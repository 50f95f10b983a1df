/** The one way in which the checker's flat arrays get longer. */

/**
 * A copy with room for `needed` words, one more than now unless given: by at least `factor`, so that filling an array word by
 * word copies each a few times only.
 */
export function grown(array: Int32Array, needed = array.length + 1, factor = 2): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, Math.ceil(array.length * factor)));
  larger.set(array);
  return larger;
}
