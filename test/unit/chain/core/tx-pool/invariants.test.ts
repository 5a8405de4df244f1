import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../../node-core/base/bytes.ts'
import { isFinalStatus } from '../../../../../node-core/chain/core/tx-pool/watchers.ts'
import type { TransactionStatus } from '../../../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { Extrinsic } from '../../../../../node-core/chain/scale/block.ts'
import { NonceChain, transaction } from './nonce-chain.ts'

const small = (max: number) => fc.integer({ min: 0, max })
const tx = fc.tuple(fc.integer({ min: 1, max: 3 }), small(4), fc.integer({ min: 1, max: 4 })).map(([account, nonce, priority]) => transaction(account, nonce, priority))

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('submit' as const), tx }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('block' as const), back: small(3), fromPool: small(4), others: fc.array(tx, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), tx }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('finalize' as const), behind: small(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('poverty' as const), account: fc.integer({ min: 1, max: 3 }) }) },
)

/** Only what a chain would take: nonces in order. */
function validBody(chain: NonceChain, parent: Hash, wanted: readonly Extrinsic[]): Extrinsic[] {
  const nonces = new Map<number, number>()
  return wanted.filter(([, account = 0, nonce = 0]) => {
    const next = nonces.get(account) ?? chain.nonceAt(parent, account)
    if (nonce !== next) return false
    nonces.set(account, next + 1)
    return true
  })
}

describe('whatever happens to the chain and the pool', () => {
  it('an accepted transaction is in the pool, in a block, or has had exactly one last status', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const chain = new NonceChain()
        const pool = chain.pool({ readyLimit: 6, futureLimit: 3, revalidateLimit: 2, foreignLimit: 2, banMs: 0 })
        const history = new Map<Hash, TransactionStatus[]>()
        pool.events.on('status', ({ hash, status }) => history.set(hash, [...(history.get(hash) ?? []), status]))
        let finalized = { hash: chain.blocks.genesisHash, number: 0 }
        for (const action of steps) {
          switch (action.do) {
            case 'submit':
              await pool.submit(action.tx, 'external').catch(() => undefined)
              break
            case 'block': {
              const best = chain.blocks.best()
              const parent = chain.blocks.hashByNumber(Math.max(finalized.number, best.number - action.back)) as Hash
              const body = validBody(chain, parent, [...pool.ready().slice(0, action.fromPool).map(({ extrinsic }) => extrinsic), ...action.others])
              await chain.include(pool, body, parent)
              break
            }
            case 'remove':
              pool.remove([blake2Hash(action.tx)])
              break
            case 'finalize': {
              const hash = chain.blocks.hashByNumber(chain.blocks.best().number - action.behind)
              if (hash === undefined || !chain.blocks.isAncestor(finalized.hash, hash)) break
              const route = chain.blocks.route(finalized.hash, hash)
              finalized = route.at(-1) ?? finalized
              pool.onFinalized(route)
              break
            }
            case 'poverty':
              if (!chain.poor.delete(action.account)) chain.poor.add(action.account)
              break
          }
        }
        await pool.close()
        const { ready, future } = pool.status()
        expect(ready + future).toBe(new Set([...pool.ready(), ...pool.future()].map(({ hash }) => hash)).size)
        for (const [hash, statuses] of history) {
          // A transaction may be submitted anew after its end: each of its lives begins in the pool.
          const lives: TransactionStatus[][] = [[]]
          for (const status of statuses) {
            lives.at(-1)?.push(status)
            if (isFinalStatus(status)) lives.push([])
          }
          if (lives.at(-1)?.length === 0) lives.pop()
          for (const [first] of lives) expect(['ready', 'future'], `${JSON.stringify(statuses)}`).toContain(first?.kind)
          const last = lives.at(-1)?.at(-1) as TransactionStatus
          const held = pool.get(hash) !== undefined
          const included = last.kind === 'inBlock' && chain.blocks.isAncestor(last.block, chain.blocks.best().hash)
          expect([held, included, isFinalStatus(last)].filter(Boolean), `${last.kind} of ${hash}`).toHaveLength(1)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('the ready ones can go into a block in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tx, { maxLength: 30 }), async (transactions) => {
        const chain = new NonceChain()
        const pool = chain.pool()
        for (const extrinsic of transactions) await pool.submit(extrinsic, 'external').catch(() => undefined)
        const order = pool.ready().map(({ extrinsic }) => extrinsic)
        expect(validBody(chain, chain.blocks.genesisHash, order)).toEqual(order)
      }),
      { numRuns: 200 },
    )
  })
})
