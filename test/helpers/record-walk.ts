/** Which records a state consists of. */
import { VALUE } from '../../node-core/chain/trie/nodes/node.ts'
import { decodeRecord } from '../../node-core/chain/trie/nodes/record.ts'

/** The numbers of all records of a state, child tries included. Throws where one is missing, or is met twice. */
export function recordsOfState(get: (id: number) => Uint8Array | undefined, root: number, found = new Set<number>()): Set<number> {
  if (root === 0) return found
  const record = get(root)
  if (record === undefined) throw new Error(`record ${root} is missing`)
  note(found, root)
  const { kind, valueId, ids, children } = decodeRecord(record)
  if (kind === VALUE.hashed) {
    if (get(valueId) === undefined) throw new Error(`value ${valueId} is missing`)
    note(found, valueId)
  } else {
    recordsOfState(get, valueId, found)
  }
  for (let i = 0; i < 16; i++) if (typeof children?.[i] === 'number' && children[i] !== 0) recordsOfState(get, ids?.[i] ?? -1, found)
  return found
}

function note(found: Set<number>, id: number): void {
  if (found.has(id)) throw new Error(`record ${id} has two positions`)
  found.add(id)
}
