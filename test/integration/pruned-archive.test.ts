/** A pruned and an archive node's database over the same long chain with forks and reorganisations: the same answers for what both keep. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { StateInspector } from '../../node-core/chain/trie/inspector.ts'
import { BusyChain } from '../helpers/busy-chain.ts'
import { openAudit } from '../helpers/state-audit.ts'
import { genesis } from '../unit/chain/state/chain-blocks.ts'

const KEPT = 32

let folder: string
let archive: StateService
let pruned: StateService
let chain: BusyChain

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-pruned-'))
  archive = new StateService({ logger: silentLogger }, { dataPath: join(folder, 'archive'), genesis, pruning: 'archive' })
  pruned = new StateService({ logger: silentLogger }, { dataPath: join(folder, 'pruned'), genesis, pruning: KEPT })
  await archive.start()
  await pruned.start()
})

afterEach(async () => {
  await chain.close()
  await archive.stop()
  await pruned.stop()
  await rm(folder, { recursive: true })
})

function header(service: StateService, number: number): Header {
  return service.blocks.header(service.blocks.hashByNumber(number) as Hash) as Header
}

it('5,000 blocks with forks: the same roots and answers inside the window, every live state whole, nothing left over, and no growth', async () => {
  chain = await BusyChain.open([archive, pruned], 600, 12)
  const { audit, close } = await openAudit(pruned.dataPath)
  let early: number | undefined
  for (let height = 500; height <= 5_000; height += 500) {
    await chain.grow(height - chain.head.header.number, 3)
    await pruned.pruned()
    const { blocks } = pruned
    expect(blocks.best()).toEqual(archive.blocks.best())
    expect(blocks.finalized()).toEqual(archive.blocks.finalized())
    const [best, final] = [blocks.best().number, blocks.finalized().number]
    for (const number of [final - KEPT + 1, final - 7, final, best]) {
      const { stateRoot } = header(pruned, number)
      expect(stateRoot).toBe(header(archive, number).stateRoot)
      const keys = pruned.storage.keys(stateRoot, new Uint8Array(0), Infinity)
      expect(keys.map(toHex)).toEqual(archive.storage.keys(stateRoot, new Uint8Array(0), Infinity).map(toHex))
      for (const key of keys) expect(toHex(pruned.storage.get(stateRoot, key) as Uint8Array)).toBe(toHex(archive.storage.get(stateRoot, key) as Uint8Array))
      const some = keys.filter((_, i) => i % 50 === 0)
      expect(pruned.proofs.readProof(stateRoot, some).map(toHex)).toEqual(archive.proofs.readProof(stateRoot, some).map(toHex))
    }
    const before = header(pruned, final - KEPT).stateRoot
    expect(() => pruned.storage.get(before, Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'STATE_PRUNED' }))
    expect(archive.storage.has(before)).toBe(true)
    // Every node of the state, its bytes against its hash.
    const { stateRoot } = header(pruned, best)
    expect(await new StateInspector(pruned.proofs.nodes(stateRoot)).isWhole(stateRoot)).toBe(true)
    const { records, leaked, faults } = await audit()
    expect({ leaked, faults }).toEqual({ leaked: [], faults: [] })
    // What it takes does not grow with the chain; on the disk, `npm run bench -- "state disk"` measures it.
    early ??= records
    expect(records).toBeLessThan(1.2 * early)
  }
  await close()
}, 240_000)
