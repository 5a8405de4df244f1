/** A runtime that takes no transactions into a block gets none: it has work of its own to do first, such as a migration. */
import { expect, it } from 'vitest'
import { FakeClock } from '../../../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../../../node-core/base/logger.ts'
import { BlockProducer, type ProducerDependencies } from '../../../../../../node-core/chain/core/engines/slots/block-producer.ts'
import type { Extrinsic } from '../../../../../../node-core/chain/scale/block.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import { BlockChain } from '../../../../../helpers/block-chain.ts'
import { FREE_GUARD } from '../../../../../helpers/free-guard.ts'

const INHERENT: Extrinsic = Uint8Array.of(4, 1)
const TRANSACTION: Extrinsic = Uint8Array.of(4, 2)

/** What the one block has that is made. */
async function bodyOf(onlyInherents: boolean): Promise<readonly Extrinsic[] | undefined> {
  const blocks = new BlockChain()
  const genesis = blocks.header(blocks.genesisHash) as Header
  const header: Header = { ...genesis, parentHash: blocks.genesisHash, number: 1 }
  let body: readonly Extrinsic[] | undefined
  const dependencies = {
    blocks,
    clock: new FakeClock(6_000_000),
    logger: silentLogger,
    author: {
      slotDuration: 6000,
      claimSlot: async (_parent: Header, _hash: string, slot: number) => ({ slot, preDigest: { type: 'other', data: INHERENT }, inherents: [], weight: 1 }),
      seal: async (sealed: Header) => sealed,
    },
    executor: {
      buildBlock: async () => ({
        inherents: [INHERENT],
        builder: { onlyInherents, apply: async () => ({ kind: 'included' }), finish: async () => ({ header, changes: {} }), drop: () => undefined },
      }),
    },
    guard: FREE_GUARD,
    sync: { isMajorSyncing: () => false, isOffline: () => false },
    pool: { ready: () => [{ hash: '0x02', extrinsic: TRANSACTION, provides: [] }], remove: () => [], caughtUp: async () => undefined },
    importer: {
      idle: async () => undefined,
      importOwn: async (block: { readonly body: readonly Extrinsic[] }) => {
        body = block.body
        return { kind: 'imported', isBest: true }
      },
    },
  } as unknown as ProducerDependencies
  await new BlockProducer(dependencies, { force: false }).produce(1000)
  return body
}

it('builds with the transactions of the pool, or without', async () => {
  expect(await bodyOf(false)).toEqual([INHERENT, TRANSACTION])
  expect(await bodyOf(true)).toEqual([INHERENT])
})
