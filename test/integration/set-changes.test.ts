/**
 * A node that has a long chain and missed every change of GRANDPA's authorities: the real syncer, the real finality, real
 * signatures; the chain is in memory, and the peers are stand-ins.
 */
import { expect, it } from 'vitest'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import { Emitter } from '../../node-core/base/events.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { GrandpaFinality } from '../../node-core/chain/core/engines/grandpa/driver.ts'
import { makeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/justification.ts'
import { signingPayload } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import { ed25519PublicKey, ed25519Sign } from '../../node-core/crypto/ed25519/ed25519.ts'
import { inThreadBatchVerifier } from '../../node-core/crypto/ed25519/ed25519-batch.ts'
import { NOTHING_SIGNED } from '../../node-core/crypto/keys/key-memory.ts'
import { MemoryKeystore } from '../../node-core/crypto/keys/keystore.ts'
import type { GrandpaAuthority } from '../../node-core/chain/core/engines/grandpa/runtime-api.ts'
import { GRANDPA_ENGINE } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { BlockRef, Justification } from '../../node-core/chain/scale/block.ts'
import type { BlockStateEvents, BlockStateReader, StateWriter } from '../../node-core/chain/state/types.ts'
import { NO_KNOWLEDGE } from '../../node-core/chain/sync/peers/knowledge.ts'
import { SyncService } from '../../node-core/chain/sync/sync-service.ts'
import type { BlockData, BlockRequest } from '../../node-core/chain/sync/types.ts'
import { Aux, Blocks, GENESIS, change, child, hashOf } from '../unit/chain/core/engines/grandpa/world.ts'
import { FREE_GUARD } from '../helpers/free-guard.ts'
import { refused } from '../helpers/refused.ts'

const SESSION = 25
const SESSIONS = 12
/** A change takes effect so many blocks after its announcement. */
const DELAY = 3

/** The only authority of a set. */
const seedOf = (setId: number): Uint8Array => new Uint8Array(32).fill(setId + 1)
const authorities = (setId: number): GrandpaAuthority[] => [{ key: toHex(ed25519PublicKey(seedOf(setId))), weight: 1 }]

/** Each session's first block announces the next set. */
function makeChain(): Header[] {
  const chain = [GENESIS]
  for (let number = 1; number <= SESSION * SESSIONS + 20; number++) {
    const session = number / SESSION
    chain.push(child(chain.at(-1) as Header, 0, Number.isInteger(session) && session <= SESSIONS ? [change(authorities(session), DELAY)] : []))
  }
  return chain
}

const CHAIN = makeChain()
const refAt = (number: number): BlockRef => ({ number, hash: hashOf(CHAIN[number] as Header) })

/** What the set with this id signed for a block. */
function proof(target: BlockRef, setId: number): Justification {
  const round = 3
  const { key: authority } = authorities(setId)[0] as GrandpaAuthority
  const vote = { kind: 'precommit', target, authority, signature: ed25519Sign(seedOf(setId), signingPayload('precommit', target, { round, setId })) } as const
  const made = makeJustification(round, target, [vote], () => undefined)
  if (made === undefined) throw new Error('no justification')
  return { engine: GRANDPA_ENGINE, data: encodeJustification(made) }
}

const PROOFS = new Map<Hash, Justification>(
  Array.from({ length: SESSIONS }, (_, setId) => refAt((setId + 1) * SESSION + DELAY)).map((target, setId) => [target.hash, proof(target, setId)]),
)

/** A node with the whole chain, of which genesis is final, or what an earlier life of it left behind. */
async function startNode(clock: FakeClock, serve: (peer: string, request: BlockRequest) => readonly BlockData[], before?: { readonly aux: Aux; readonly blocks: Blocks }) {
  const blocks = before?.blocks ?? new Blocks()
  const aux = before?.aux ?? new Aux()
  const events = new Emitter<BlockStateEvents>()
  const state = Object.assign(blocks, { events, hashByNumber: (number: number) => (number < CHAIN.length ? refAt(number).hash : undefined) }) as unknown as BlockStateReader
  const writer: StateWriter = {
    getAux: aux.getAux,
    importBlock: () => Promise.reject(new Error('not here')),
    putAux: async (entries) => aux.write(entries),
    finalize: async (hash, _justification, entries = []) => {
      aux.write(entries)
      blocks.finalize({ hash, number: (blocks.header(hash) as Header).number })
    },
  }
  const finality = new GrandpaFinality(
    { blocks: state, writer, keystore: new MemoryKeystore(), signed: NOTHING_SIGNED, guard: FREE_GUARD, crypto: inThreadBatchVerifier, clock, logger: silentLogger, exclusive: (task) => task(), onEquivocation: () => undefined, onVote: () => undefined, beside: () => [] },
    { genesisAuthorities: authorities(0), vote: false },
  )
  await finality.start()
  if (before === undefined) {
    for (const header of CHAIN.slice(1)) {
      aux.write(finality.blockAux(header, hashOf(header)))
      blocks.import(header)
      events.emit('imported', { block: { hash: hashOf(header), number: header.number }, header, isBest: true })
    }
  }
  const reports: string[] = []
  const asked: { readonly peer: string; readonly request: BlockRequest }[] = []
  const sync = new SyncService({
    blocks: state,
    importer: {
      importBlock: async () => ({ kind: 'known' }),
      importJustification: async (block, justification) => {
        try {
          await finality.importJustification(block, justification)
          return { kind: 'imported', isBest: false }
        } catch (error) {
          return refused('IMPORT_BAD_JUSTIFICATION', String(error))
        }
      },
    },
    source: {
      requestBlocks: async (peer, request) => {
        asked.push({ peer, request })
        return serve(peer, request)
      },
    },
    judge: { report: (peer, { code }) => reports.push(`${peer} ${code}`), reward: () => undefined },
    knowledge: { ...NO_KNOWLEDGE, setChanges: () => finality.setChanges() },
    clock,
    logger: silentLogger,
  })
  await sync.start()
  const stop = async (): Promise<void> => {
    await sync.stop()
    await finality.stop()
  }
  return { sync, finality, blocks, aux, reports, asked, stop }
}

/** A peer that keeps what proves the changes of the sets, and nothing else. */
function answer({ from, maxBlocks }: BlockRequest, has: (number: number) => boolean): BlockData[] {
  const start = typeof from === 'number' ? from : CHAIN.findIndex((header) => hashOf(header) === from)
  return CHAIN.slice(start, start + maxBlocks).map((header) => {
    const hash = hashOf(header)
    const justification = PROOFS.get(hash)
    return { hash, header, body: undefined, justifications: justification !== undefined && has(header.number) ? [justification] : undefined }
  })
}

async function pass(clock: FakeClock, sync: SyncService, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 2; i++) {
    clock.advance(500)
    await sync.idle()
  }
}

it('a node that missed twelve changes of the authorities finalizes again, set by set, across peers that lack them and a restart', async () => {
  const clock = new FakeClock(1_000_000)
  // One peer has the even ones, one the odd ones, one none.
  const serve = (peer: string, request: BlockRequest): BlockData[] =>
    answer(request, (number) => peer !== 'none' && ((number - DELAY) / SESSION) % 2 === (peer === 'even' ? 0 : 1))
  const first = await startNode(clock, serve)
  for (const peer of ['none', 'odd']) first.sync.peerConnected(peer, 'FULL', refAt(CHAIN.length - 1))
  await pass(clock, first.sync, 90)
  expect(first.blocks.finalized()).toEqual(refAt(SESSION + DELAY))
  first.sync.peerConnected('even', 'FULL', refAt(CHAIN.length - 1))
  while (first.blocks.finalized().number < 4 * SESSION) await pass(clock, first.sync, 1)
  await first.stop()

  const second = await startNode(clock, serve, first)
  for (const peer of ['none', 'odd', 'even']) second.sync.peerConnected(peer, 'FULL', refAt(CHAIN.length - 1))
  await pass(clock, second.sync, 60)
  expect(second.blocks.finalized()).toEqual(refAt(SESSIONS * SESSION + DELAY))
  expect(second.finality.position.setId).toBe(SESSIONS)
  expect([...first.reports, ...second.reports]).toEqual([])
  for (const { asked } of [first, second]) expect(asked.length).toBeLessThan(120)
  await second.stop()
})
