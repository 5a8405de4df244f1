/** What a database has of states, against what it should have: every kept state whole, and nothing else. */
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { BUCKET, nodeKey } from '../../node-core/chain/state/buckets.ts'
import { decodeJournal } from '../../node-core/chain/state/journal.ts'
import { decodeRoots } from '../../node-core/chain/state/state-roots.ts'
import { createLevel, type Level } from '../../node-core/chain/state/trie-source.ts'
import { readId } from '../../node-core/chain/trie/nodes/record.ts'
import { recordsOfState } from './record-walk.ts'

export interface Audit {
  /** Blocks whose state is here, all of it. */
  readonly blocks: readonly Hash[]
  /** How many records there are. */
  readonly records: number
  /** Records of no such state. */
  readonly leaked: readonly number[]
  /** What does not fit together, in words. */
  readonly faults: readonly string[]
}

/** For whoever runs in the process that has the database open. */
export async function openAudit(dataPath: string): Promise<{ readonly audit: () => Promise<Audit>; readonly close: () => Promise<void> }> {
  const level = createLevel(dataPath)
  await level.open({ createIfMissing: false })
  return { audit: () => auditStates(level), close: () => level.close() }
}

export async function auditStates(level: Level): Promise<Audit> {
  const faults: string[] = []
  const needed = new Set<number>()
  const standing = new Map<string, number>()
  const journals = await level.iterator(bucket(BUCKET.journal)).all()
  for (const [key, value] of journals) {
    const { stateRoot, root } = decodeJournal(value)
    if (root !== 0) standing.set(`${stateRoot}/${root}`, (standing.get(`${stateRoot}/${root}`) ?? 0) + 1)
    try {
      for (const id of recordsOfState((record) => level.getSync(nodeKey(record)), root)) needed.add(id)
    } catch (error) {
      faults.push(`the state of ${toHex(key.subarray(1))} is not whole: ${String(error)}`)
    }
  }
  const roots = await level.iterator(bucket(BUCKET.stateRoot)).all()
  for (const [key, value] of roots) {
    for (const { id, blocks } of decodeRoots(value)) {
      const name = `${toHex(key.subarray(1))}/${id}`
      if (standing.get(name) !== blocks) faults.push(`${blocks} blocks are said to stand on ${name}, and ${standing.get(name) ?? 0} do`)
      standing.delete(name)
    }
  }
  for (const name of standing.keys()) faults.push(`${name} has no entry`)
  for (const name of ['deadState', 'remainder'] as const) {
    const left = await level.keys(bucket(BUCKET[name])).all()
    if (left.length > 0) faults.push(`${left.length} keys are left in ${name}`)
  }
  const ids = (await level.keys(bucket(BUCKET.node)).all()).map((key) => readId(key, 1))
  return { blocks: journals.map(([key]) => toHex(key.subarray(1))), records: ids.length, leaked: ids.filter((id) => !needed.has(id)), faults }
}


function bucket(number: number): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: Uint8Array.of(number), lt: Uint8Array.of(number + 1) }
}
