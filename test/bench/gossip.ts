/**
 * Block announcements across 30 nodes in this process, each with eight peers of its choice: how long until a node hears of a
 * block, and how often it hears of it again. A node tells others as soon as it heard, as if checking took no time;
 * what is measured is the network service and libp2p, all 30 of them on the same core. The next block comes when all is told of the one before.
 *
 * Once more with every third node a silent one, which takes announcements and passes none on: how long until the others have heard.
 */
import type { Hash } from '../../node-core/base/bytes.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { Emitter } from '../../node-core/base/events.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { BlockAnnounces } from '../../node-core/chain/protocols/block-announces.ts'
import { BABE_ENGINE } from '../../node-core/chain/core/engines/babe/digest.ts'
import { encodeHeader, type Header } from '../../node-core/chain/scale/header.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import type { BlockStateEvents } from '../../node-core/chain/state/types.ts'
import { TestNetwork, eventually, type TestPeer } from '../helpers/network.ts'
import type { Report } from './report.ts'

const NODES = 30
const PEERS_OF_EACH = 8
const BLOCKS = 100
const SEED = 7
/** Blocks in which the nodes find out who needs them: not counted. */
const LEARNING = 20
/** After a block is everywhere: what is still told of it is counted. */
const QUIET_MS = 300
/** Every so many nodes, one is silent. */
const SILENT = 3

const GENESIS: Hash = `0x${'5a'.repeat(32)}`

interface Hearing {
  /** Milliseconds from the announcement by the author to each first hearing. */
  readonly latencies: number[]
  again: number
}

/** What all nodes of a network have in common. */
interface Shared {
  readonly hearing: Hearing
  readonly sentAt: Map<Hash, number>
  readonly random: () => number
  readonly asks: (asker: string, teller: string, hash: Hash) => void
}

/** Just enough of a node: what it hears of for the first time is imported on the spot, as best. */
class Member {
  readonly topic: BlockAnnounces
  readonly events = new Emitter<BlockStateEvents>()
  readonly #known = new Set<Hash>()
  readonly #isSilent: boolean
  #best: BlockRef = { hash: GENESIS, number: 0 }

  constructor(peer: () => TestPeer, { hearing, sentAt, random, asks }: Shared, isSilent: boolean) {
    this.#isSilent = isSilent
    this.topic = new BlockAnnounces(
      {
        blocks: { events: this.events, genesisHash: GENESIS, best: () => this.#best, finalized: () => this.#best, hashByNumber: () => undefined, header: () => undefined },
        // Blocks come one after the other here, faster than a chain makes them, and each is to be told of.
        clock: { ...systemClock, now: () => 1000 * performance.now() },
        sender: {
          send: (...args) => peer().network.topics.send(...args),
          openPeers: (topic) => peer().network.topics.openPeers(topic),
        },
        sync: {
          peerConnected: () => undefined,
          peerDisconnected: () => undefined,
          announced: (teller, header, hash) => {
            if (this.#known.has(hash)) {
              if (!isSilent) hearing.again++
              return
            }
            if (!isSilent) hearing.latencies.push(performance.now() - (sentAt.get(hash) ?? NaN))
            // Who hears of a block for the first time asks whoever told it.
            asks(peer().id, teller, hash)
            this.import(header, hash)
          },
        },
        onStatus: () => undefined,
        isMajorSyncing: () => false,
        self: () => peer().id,
        random,
      },
      { role: 'FULL' },
    )
  }

  import(header: Header, hash: Hash, isOwn = false): void {
    // The author too: others may tell it of its own block.
    this.#known.add(hash)
    this.#best = { hash, number: header.number }
    if (!this.#isSilent) this.events.emit('imported', { block: this.#best, header, isBest: true, isOwn })
  }
}

export async function benchGossip(report: Report): Promise<void> {
  const hop = await spread(2, 1)
  const all = await spread(NODES, PEERS_OF_EACH)
  const one = at(hop.latencies, 0.5)
  for (const part of [0.5, 0.99]) {
    const name = `p${Math.round(part * 100)}`
    const latency = at(all.latencies, part)
    report(`announcement to all of ${NODES} nodes, ${name} / to one neighbour`, latency / one, `${name} ${latency.toFixed(2)} ms, neighbour ${one.toFixed(2)} ms, ${all.links} links, ${BLOCKS} blocks`)
  }
  report('duplicates for each announcement heard', all.again / all.latencies.length, `${all.again} of ${all.again + all.latencies.length} heard`)
  const withheld = await spread(NODES, PEERS_OF_EACH, SILENT)
  const [p50, p99] = [at(withheld.latencies, 0.5), at(withheld.latencies, 0.99)]
  report(`the same where every ${SILENT}rd node is silent, p50 / with none`, p50 / at(all.latencies, 0.5), `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${(withheld.again / withheld.latencies.length).toFixed(2)} duplicates`)
}

/** Lets the first of `nodes` nodes announce block after block, each once everybody heard of the one before. One in `silent` passes none on. */
async function spread(nodes: number, peersOfEach: number, silent = Infinity): Promise<Hearing & { readonly links: number }> {
  const net = new TestNetwork()
  const hearing: Hearing = { latencies: [], again: 0 }
  const sentAt = new Map<Hash, number>()
  const members: Member[] = []
  const peers: TestPeer[] = []
  const random = lcg(SEED)
  const asks: Shared['asks'] = (asker, teller, hash) => members[peers.findIndex(({ id }) => id === teller)]?.topic.asked(asker, hash)
  try {
    for (let i = 0; i < nodes; i++) {
      const member = new Member(() => peers[i] as TestPeer, { hearing, sentAt, random, asks }, i % silent === silent - 1)
      // Everybody knows a few of those who came before: a connected network.
      const bootnodes = [...peers].sort(() => random() - 0.5).slice(0, peersOfEach).map(({ address }) => address)
      peers.push(await net.start([member.topic], { bootnodes, outPeers: peersOfEach, inPeers: nodes }))
      await member.topic.start()
      members.push(member)
    }
    const wanted = peers.reduce((sum, _, i) => sum + Math.min(i, peersOfEach), 0)
    const links = (): number => peers.reduce((sum, { network }) => sum + network.topics.openPeers('block-announces').length, 0) / 2
    // Who has a free place may have found one more by the routing table.
    await eventually(() => links() >= wanted, `a network of ${wanted} links`)

    const listening = nodes - 1 - Math.floor(nodes / silent)
    let parentHash: Hash = GENESIS
    for (let number = 1; number <= LEARNING + BLOCKS; number++) {
      if (number === LEARNING + 1) hearing.again = hearing.latencies.length = 0
      const before = hearing.latencies.length
      const header: Header = { parentHash, number, stateRoot: GENESIS, extrinsicsRoot: GENESIS, digest: [{ type: 'seal', engine: BABE_ENGINE, data: new Uint8Array(64) }] }
      parentHash = blake2Hash(encodeHeader(header))
      sentAt.set(parentHash, performance.now())
      members[0]?.import(header, parentHash, true)
      await eventually(() => hearing.latencies.length === before + listening, `block ${number} everywhere`)
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
    }
    hearing.latencies.sort((a, b) => a - b)
    return { ...hearing, links: links() }
  } finally {
    await net.stop()
  }
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.floor(part * (sorted.length - 1))] as number
}

function lcg(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
}
