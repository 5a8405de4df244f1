/**
 * Each file of a LevelDB database removed, torn, emptied, zeroed and with a bit that fell over, one at a time: a node never begins a new
 * chain in silence, nothing is changed before somebody says so, and there is a way on that keeps what can be kept.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import { isNodeError } from '../../node-core/base/errors.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { buildGenesis } from '../../node-core/chain/spec/genesis.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { repairDatabase } from '../../node-core/chain/state/repair.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { setDatabaseAside } from '../../node-core/manager/kinds/chain/set-aside.ts'
import { DevNode } from '../helpers/dev-node.ts'

const CHAINS = join(import.meta.dirname, '../../out/chains')
const ID = 'nodestead_dev'

let root: string
let whole: string
let spec: ChainSpec
let clock: FakeClock
let seen: { newest: number; settled: number }
/** The names of its files. */
let files: string[]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodestead-damaged-'))
  whole = join(root, 'whole')
  spec = await loadChainSpec('dev', { chainsPath: CHAINS })
  clock = new FakeClock(1_700_000_001_000)
  // Each opening makes a table of the log of before.
  for (let run = 0; run < 4; run++) {
    const node = await DevNode.start({ spec, basePath: whole, clock })
    await node.slots(4)
    seen = { newest: node.node.blocks.best().number, settled: node.node.blocks.finalized().number }
    await node.stop()
  }
  files = (await readdir(databaseOf(whole))).filter((name) => !/^LOG/.test(name)).sort()
}, 120_000)
afterAll(() => rm(root, { recursive: true, force: true }))

const dataOf = (base: string): string => join(base, 'chains', ID)
const databaseOf = (base: string): string => join(dataOf(base), 'db')

type Damage = (path: string) => Promise<void>
const DAMAGES: Record<string, Damage> = {
  removed: (path) => rm(path),
  emptied: (path) => truncate(path, 0),
  'cut in half': async (path) => truncate(path, (await readFile(path)).length >> 1),
  'cut at its end': async (path) => truncate(path, Math.max(0, (await readFile(path)).length - 9)),
  zeroed: async (path) => writeFile(path, new Uint8Array((await readFile(path)).length)),
  'given a wrong bit in its middle': (path) => flip(path, 0.5),
  'given a wrong bit at its end': (path) => flip(path, 0.99),
  'replaced by a folder': async (path) => {
    await rm(path)
    await mkdir(path)
  },
}

async function flip(path: string, where: number): Promise<void> {
  const bytes = await readFile(path)
  const at = Math.floor(bytes.length * where)
  if (bytes[at] === undefined) return
  bytes[at] ^= 0x10
  await writeFile(path, bytes)
}

/** The tables, by their hashes. */
async function tables(base: string): Promise<Record<string, string>> {
  const folder = databaseOf(base)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ldb')).sort()
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name)).then((bytes) => createHash('sha256').update(bytes).digest('hex'), () => 'a folder')] as const)))
}

function open(base: string, expected: typeof seen | undefined): StateService {
  return new StateService({ logger: silentLogger, clock }, { dataPath: dataOf(base), genesis: () => buildGenesis(spec), seen: expected })
}

/** The height at which it opens, or the code of why it does not. */
async function tryOpen(base: string, expected: typeof seen | undefined): Promise<number | string> {
  const state = open(base, expected)
  try {
    await state.start()
    return state.blocks.best().number
  } catch (error) {
    if (isNodeError(error)) return error.code
    throw error
  } finally {
    await state.stop()
  }
}

async function copyOf(name: string): Promise<string> {
  const base = join(root, name)
  await cp(whole, base, { recursive: true })
  return base
}

describe('a database', () => {
  it('has every sort of file', () => {
    expect(files.map((name) => name.replace(/\d+/, 'n'))).toEqual(expect.arrayContaining(['CURRENT', 'LOCK', 'MANIFEST-n', 'n.ldb', 'n.log']))
    expect(seen.newest).toBeGreaterThan(12)
  })

  it.each(Object.keys(DAMAGES))('in which each file in turn is %s opens as it was, or says why not, and can be repaired or put aside', async (name) => {
    const outcomes: Record<string, string> = {}
    for (const file of files) {
      const base = await copyOf('case')
      await (DAMAGES[name] as Damage)(join(databaseOf(base), file))
      const damaged = await tables(base)
      const opened = await tryOpen(base, seen)
      let outcome = String(opened)
      if (typeof opened === 'number') {
        // All of it is there: a height of less is refused, whatever the cause.
        expect([file, opened]).toEqual([file, seen.newest])
      } else {
        expect(['STATE_DB_CORRUPT', 'STATE_OLDER_THAN_SEEN']).toContain(opened)
        // Nothing of what was there has gone.
        if (opened === 'STATE_DB_CORRUPT') expect(await tables(base), `${file} ${name}`).toMatchObject(damaged)
        const repaired = await repairDatabase(dataOf(base), 'db.aside', clock).catch((error: unknown) => error)
        if (isNodeError(repaired)) {
          expect(repaired.code).toBe('STATE_DB_BEYOND_REPAIR')
          outcome += ', beyond repair'
        } else {
          const height = await tryOpen(base, undefined)
          outcome += `, repaired to ${height}`
          expect(height).toBe((repaired as { best: { number: number } }).best.number)
          expect(await readdir(dataOf(base))).toContain('db.aside')
        }
        expect(await readdir(dataOf(base))).not.toContain('db.repairing')
        await setDatabaseAside(dataOf(base), 0)
        expect(await tryOpen(base, undefined)).toBe(0)
      }
      outcomes[file.replace(/\d+/, 'n')] = outcome
      await rm(base, { recursive: true })
    }
    // What can be made again of the rest is made again.
    const { CURRENT, LOCK, 'MANIFEST-n': manifest, 'n.log': log } = outcomes
    expect(CURRENT).toBe(`STATE_DB_CORRUPT, repaired to ${seen.newest}`)
    expect(manifest).toBe(`STATE_DB_CORRUPT, repaired to ${seen.newest}`)
    expect(LOCK).toBe(name === 'replaced by a folder' ? `STATE_DB_CORRUPT, repaired to ${seen.newest}` : String(seen.newest))
    expect(log).toMatch(/^(16|(STATE_OLDER_THAN_SEEN|STATE_DB_CORRUPT), repaired to 1[2-6])$/)
  }, 120_000)
})
