/** Names for a network that no other has: the one that people read, and the one of its folder. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Leaves room for the number behind it: a name has 64 characters at most. */
const LONGEST = 60

/** `name`, with a number behind it where one of `taken` is called so. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name.slice(0, LONGEST) : `${name.slice(0, LONGEST)} ${count}`
    if (!taken.includes(candidate)) return candidate
  }
}

/**
 * An id made of `name`. In `folder`, where it is given, nothing is called so: a folder of that name that is there already may
 * hold the data of a network that was forgotten, and is left alone.
 */
export async function freeId(name: string, isTaken: (id: string) => boolean, folder: string | undefined): Promise<string> {
  const base = slugOf(name)
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}-${count}`
    if (isTaken(id)) continue
    if (folder === undefined || (await stat(join(folder, id)).catch(() => undefined)) === undefined) return id
  }
}

/** `My network` becomes `my-network`. */
function slugOf(name: string): string {
  const slug = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40)
  return slug === '' ? 'private' : slug
}
