/**
 * A round of GRANDPA with 1,000 voters, as a full node hears it: each vote from three of eight peers, over the topic's handler into
 * the voter. What is measured is the time of the main thread, on which everything else of the node has to wait.
 */
import { FakeClock } from '../../node-core/base/clock.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { Emitter } from '../../node-core/base/events.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { toHex } from '../../node-core/base/bytes.ts'
import { GrandpaFinality } from '../../node-core/chain/core/engines/grandpa/driver.ts'
import { describeGrandpaMessage } from '../../node-core/chain/core/engines/grandpa/gossip/describe.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage, signingPayload, type GrandpaMessage } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import { CryptoWorker } from '../../node-core/crypto/worker/crypto-worker.ts'
import { ed25519PublicKey, ed25519Sign } from '../../node-core/crypto/ed25519/ed25519.ts'
import type { BatchVerifier } from '../../node-core/crypto/ed25519/ed25519-batch.ts'
import { NOTHING_SIGNED } from '../../node-core/crypto/keys/key-memory.ts'
import { MemoryKeystore } from '../../node-core/crypto/keys/keystore.ts'
import { GrandpaTopic } from '../../node-core/chain/core/engines/grandpa/gossip/topic.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import type { BlockStateEvents, BlockStateReader, StateWriter } from '../../node-core/chain/state/types.ts'
import { FREE_GUARD } from '../helpers/free-guard.ts'
import { Aux, Blocks, GENESIS, child, hashOf } from '../unit/chain/core/engines/grandpa/world.ts'
import type { Report } from './report.ts'

const VOTERS = 1000
const ROUNDS = 3
const PEERS = 8
const HEARD_FROM = 3

export async function benchVotes(report: Report): Promise<void> {
  const messages = roundsOfVotes()
  const worker = new CryptoWorker({ logger: silentLogger })
  await worker.start()
  const nowhere: BatchVerifier = { verifyEd25519: () => Promise.reject(new NodeError('CRYPTO_STOPPED', 'not here')) }
  try {
    // The second run of each: compiled by then.
    await measure(messages, worker)
    const batched = await measure(messages, worker)
    await measure(messages, nowhere)
    const alone = await measure(messages, nowhere)
    const text = ({ perVote, perSecond }: Measured): string => `${perVote.toFixed(0)} µs of the main thread a vote, ${Math.round(perSecond).toLocaleString('en')} votes/s`
    report(`votes of ${VOTERS} authorities, checked here / in the crypto thread`, alone.perVote / batched.perVote, `${text(batched)}; checked here ${text(alone)}`)
  } finally {
    await worker.stop()
  }
}

interface Measured {
  readonly perVote: number
  readonly perSecond: number
}

const seeds = Array.from({ length: VOTERS }, (_, i) => Uint8Array.from({ length: 32 }, (_byte, at) => (i >> ((at % 2) * 8)) & 0xff))
const authorities = seeds.map((seed) => ({ key: toHex(ed25519PublicKey(seed)), weight: 1 }))

function chain(): Header[] {
  const headers = [GENESIS]
  for (let number = 1; number <= ROUNDS + 3; number++) headers.push(child(headers.at(-1) as Header))
  return headers
}

/** Prevotes and precommits of everybody for one block after another, in rounds that follow each other. */
function roundsOfVotes(): Uint8Array[] {
  const headers = chain()
  const messages: Uint8Array[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const header = headers[round] as Header
    const target = { hash: hashOf(header), number: header.number }
    for (const kind of ['prevote', 'precommit'] as const) {
      const payload = signingPayload(kind, target, { round, setId: 0 })
      seeds.forEach((seed, i) => {
        const signature = ed25519Sign(seed, payload)
        messages.push(encodeGrandpaMessage({ type: 'vote', round, setId: 0, vote: { kind, target, signature, authority: authorities[i]?.key as `0x${string}` } }))
      })
    }
  }
  return messages
}

async function measure(messages: readonly Uint8Array[], crypto: BatchVerifier): Promise<Measured> {
  const [blocks, aux, clock] = [new Blocks(), new Aux(), new FakeClock()]
  for (const header of chain().slice(1)) blocks.import(header)
  const reader = Object.assign(blocks, { events: new Emitter<BlockStateEvents>() }) as unknown as BlockStateReader
  const writer: StateWriter = {
    getAux: aux.getAux,
    importBlock: () => Promise.reject(new Error('not here')),
    putAux: async (entries) => aux.write(entries),
    finalize: async (hash, _justification, entries = []) => {
      aux.write(entries)
      blocks.finalize({ hash, number: (blocks.header(hash) as Header).number } satisfies BlockRef)
    },
  }
  const finality = new GrandpaFinality(
    { blocks: reader, writer, keystore: new MemoryKeystore(), signed: NOTHING_SIGNED, guard: FREE_GUARD, crypto, clock, logger: silentLogger, exclusive: (task) => task(), onEquivocation: () => undefined, onVote: () => undefined, beside: () => [] },
    { genesisAuthorities: authorities, vote: false },
  )
  const topic = new GrandpaTopic<GrandpaMessage>(
    {
      port: finality,
      codec: { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage },
      blocks: reader,
      sender: { send: () => undefined, openPeers: () => [] },
      judge: { report: (_peer, { code }) => process.stdout.write(`  ${code}\n`), reward: () => undefined },
      clock,
      roleOf: () => 'FULL',
      onFinalized: () => undefined,
    },
    { role: 'FULL' },
  )
  await finality.start()
  await topic.start()
  for (let peer = 0; peer < PEERS; peer++) {
    topic.onHandshake(String(peer), Uint8Array.of(1))
    topic.onOpen(String(peer))
  }
  const from = process.threadCpuUsage()
  const started = performance.now()
  await Promise.all(Array.from({ length: PEERS }, (_, peer) => read(topic, String(peer), messages.filter((_message, i) => (i + peer) % PEERS < HEARD_FROM))))
  await finality.idle()
  const elapsed = performance.now() - started
  const { user, system } = process.threadCpuUsage(from)
  if (blocks.finalized().number < ROUNDS) throw new Error(`only block ${blocks.finalized().number} became final`)
  await topic.stop()
  await finality.stop()
  return { perVote: (user + system) / messages.length, perSecond: (messages.length / elapsed) * 1000 }
}

/** As a peer's reader does, a few at a time, in pieces as they come off a socket. */
async function read(topic: GrandpaTopic<GrandpaMessage>, peer: string, messages: readonly Uint8Array[]): Promise<void> {
  const inHand = new Set<Promise<unknown>>()
  for (const [i, message] of messages.entries()) {
    if (i % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
    const handled = topic.onMessage(peer, message)
    if (!(handled instanceof Promise)) continue
    inHand.add(handled)
    void handled.finally(() => inHand.delete(handled))
    while (inHand.size >= (topic.spec.inHand ?? 16)) await Promise.race(inHand)
  }
  await Promise.all(inHand)
}
