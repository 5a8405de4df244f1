/**
 * How a patch changes a genesis configuration: object by object, key by key, everything else replaced as a whole.
 *
 * It looks like a merge patch of RFC 7386 and differs from it in one point: `null` does not remove a key, it is a value like any other.
 * So the field's own tools merge, and a patch that says `"key": null` (nobody is root) means it.
 */
import { isExactObject, type ExactValue } from './exact-json.ts'

export function mergePatch(base: ExactValue, patch: ExactValue): ExactValue {
  if (!isExactObject(base) || !isExactObject(patch)) return patch
  const merged = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key)
    merged.set(key, before === undefined ? value : mergePatch(before, value))
  }
  return Object.fromEntries(merged)
}
