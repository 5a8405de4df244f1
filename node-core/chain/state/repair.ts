/**
 * Bringing a damaged database back, without touching it.
 *
 * LevelDB's own repair works on a copy: tables never change once they are written, so the copy has links to them and takes no room, and
 * logs are cut off at their first bad record, because what follows builds on what is lost. Then the contents are looked at: the newest
 * block whose state is there as a whole becomes the best one, and what lies above is dropped; it comes again from peers. Only when
 * that is done the copy takes the database's place, and the damaged one stays beside it as `db.aside-<time>`.
 *
 * What is final is not taken back: engines keep for it what they cannot count again. Where the finalized block's state is broken, this
 * says STATE_DB_BEYOND_REPAIR, and everything is as it was.
 */
import { copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { EMPTY, fromHex, type Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import { hashKey } from './buckets.ts'
import { deleteBlock, putLeaves, putMetaHash, readFinalizedHash, readHeaderOf } from './block-store.ts'
import { Chain } from './chain.ts'
import { Database } from './database.ts'
import { StateError } from './errors.ts'
import { scanLog } from './leveldb/log-file.ts'
import { raiseNextNode } from './record-numbers.ts'
import { readJournal } from './state-store.ts'
import { databasePath, recordSource } from './trie-source.ts'
import { checkVersion } from './version.ts'
import type { BlockRef } from '../scale/block.ts'
import { StateInspector } from '../trie/inspector.ts'

export interface Repaired {
  /** Where the damaged database is kept. */
  readonly aside: string
  readonly best: BlockRef
  readonly finalized: BlockRef
  /** Blocks that were dropped because their states are not whole. */
  readonly dropped: number
  /** Finalized blocks of earlier that are lost; they are not needed to go on. */
  readonly lost: number
}

const WORK = 'db.repairing'
const TABLE = /^\d+\.(ldb|sst)$/
const LOG = /^\d+\.log$/
/** LevelDB's lock and its own log: made anew. */
const NOT_NEEDED = /^(LOCK|LOG(\.old)?)$/

/** The database must not be open. `aside` is the name under which the damaged one is kept. Throws STATE_DB_BEYOND_REPAIR. */
export async function repairDatabase(dataPath: string, aside: string, clock: Clock): Promise<Repaired> {
  const path = databasePath(dataPath)
  const work = join(dataPath, WORK)
  await rm(work, { recursive: true, force: true })
  try {
    await copyLevel(path, databasePath(work))
    await ClassicLevel.repair(databasePath(work))
    const found = await inspect(work, clock)
    await rename(path, join(dataPath, aside))
    await rename(databasePath(work), path)
    return { aside: join(dataPath, aside), ...found }
  } catch (error) {
    throw beyond(path, error)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function copyLevel(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const { name } = entry
    if (!entry.isFile() || NOT_NEEDED.test(name)) continue
    const [source, target] = [join(from, name), join(to, name)]
    if (TABLE.test(name)) await link(source, target).catch(() => copyFile(source, target))
    else if (LOG.test(name)) await writeFile(target, untilBad(await readFile(source)), { mode: 0o600 })
    else await copyFile(source, target)
  }
}

function untilBad(log: Uint8Array): Uint8Array {
  return log.subarray(0, scanLog(log).badAt ?? log.length)
}

async function inspect(work: string, clock: Clock): Promise<Omit<Repaired, 'aside'>> {
  const database = new Database(work, clock)
  await database.open()
  try {
    checkVersion(database)
    await raiseNextNode(database)
    const chain = Chain.load(database)
    const { tree } = chain
    const inspector = new StateInspector(recordSource(database.level))
    const [{ hash: finalized }, top] = [tree.finalized, tree.best]
    let best: Hash = top.hash
    for (;;) {
      const header = tree.header(best)
      if (header !== undefined && (await inspector.isWhole(header.stateRoot, readJournal(database, best)?.root))) break
      if (header === undefined || best === finalized) throw new Error('the state of the finalized block is not whole')
      best = header.parentHash
    }
    const route = tree.route(finalized, best)
    const kept = new Set([finalized, ...route.map(({ hash }) => hash)])
    const dropped = blocksAbove(chain, finalized).filter((hash) => !kept.has(hash))
    await database.write(
      (batch) => {
        for (const hash of dropped) {
          deleteBlock(batch, hash)
          batch.put(hashKey('deadState', hash), EMPTY)
        }
        putLeaves(batch, [best])
        putMetaHash(batch, 'best', best)
      },
      { sync: true },
    )
    const lost = countLost(database, chain)
    return { best: route.at(-1) ?? tree.finalized, finalized: tree.finalized, dropped: dropped.length, lost }
  } finally {
    await database.close()
  }
}

function blocksAbove({ tree }: Chain, root: Hash): Hash[] {
  const found: Hash[] = []
  for (const left = [root]; left.length > 0; ) {
    for (const { hash } of tree.children(left.pop() as Hash)) {
      found.push(hash)
      left.push(hash)
    }
  }
  return found
}

/** Heights whose finalized block is not there, and was. */
function countLost(database: Database, { gap, tree }: Chain): number {
  let lost = 0
  for (let number = 0; number < tree.finalized.number; number++) {
    if (number === gap?.from) number = gap.to + 1
    const hash = readFinalizedHash(database, number)
    if (hash === undefined || fromHex(hash).length !== 32 || readHeaderOf(database, hash) === undefined) lost++
  }
  return lost
}

function beyond(path: string, cause: unknown): StateError {
  return new StateError('STATE_DB_BEYOND_REPAIR', `the database at ${path} cannot be repaired: ${errorMessage(cause)}.`, {
    cause,
    data: { path },
    hint: 'Nothing was changed. Restore the database from a backup, or set it aside and sync from the network.',
  })
}
