import { beforeEach, describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { AuthoritySets } from '../../../../node-core/chain/core/engines/grandpa/sets/authority-sets.ts'
import { AuthorityChangeIndex } from '../../../../node-core/chain/core/engines/grandpa/sets/change-index.ts'
import { grandpaProofs } from '../../../../node-core/chain/core/engines/grandpa/proofs/following.ts'
import type { AnchorBlock } from '../../../../node-core/chain/core/engines/joining.ts'
import { Joining, type JoiningDependencies, type StateFetcher } from '../../../../node-core/chain/joining/joining.ts'
import type { JoinPeer, TrustedStart } from '../../../../node-core/chain/joining/types.ts'
import type { Anchor, AnchorWriter, AuxEntry } from '../../../../node-core/chain/state/types.ts'
import { inThreadBatchVerifier } from '../../../../node-core/crypto/ed25519/ed25519-batch.ts'
import type { RequestHandler } from '../../../../node-core/network/contracts.ts'
import { GENESIS_SET, authoritiesOf, justify, provenChain, type ProvenChain } from '../../../helpers/proven-chain.ts'
import { NO_RUNTIME } from '../../../helpers/no-runtime.ts'
import { loopback } from '../protocols/requests/loopback.ts'

/** What is on the disk: it outlasts a start. */
class Disk {
  readonly aux = new Map<string, Uint8Array>()
  anchored: (Omit<Anchor, 'steps'> & { readonly steps: readonly number[] }) | undefined

  getAux = (key: string): Uint8Array | undefined => this.aux.get(key)

  putAux = async (entries: readonly AuxEntry[]): Promise<void> => {
    for (const [key, value] of entries) {
      if (value === undefined) this.aux.delete(key)
      else this.aux.set(key, value)
    }
  }

  readonly states = new Set<Hash>()
  hasAdopted = (block: Hash): boolean => this.states.has(block)
  adopt: AnchorWriter['adopt'] = async ({ hash, header }, { root }) => {
    expect(root).toBe(header.number)
    this.states.add(hash)
  }

  hasPieces = async (): Promise<boolean> => false
  abandon: AnchorWriter['abandon'] = ({ aux }) => this.putAux(aux)

  anchor = async (anchor: Anchor): Promise<void> => {
    const steps = Array.from(anchor.steps, ({ header }) => header.number)
    await this.putAux(anchor.aux)
    this.anchored = { ...anchor, steps }
  }
}

let chain: ProvenChain
let disk: Disk
let clock: FakeClock
let peers: Map<string, RequestHandler>
let reported: [string, string][]
let states: StateFetcher & { readonly asked: number[] }

const start = (): TrustedStart => ({ block: { hash: chain.chain.genesisHash, number: 0 }, set: GENESIS_SET })

/** States are there at once, except those of blocks that `gone` names. */
function fetcher(gone: (number: number) => boolean = () => false): typeof states {
  const asked: number[] = []
  return {
    asked,
    status: () => undefined,
    clear: async () => undefined,
    run: async ({ number }: AnchorBlock) => {
      asked.push(number)
      if (gone(number)) throw new NodeError('JOIN_STATE_GONE', 'nobody has it')
      return { root: number, first: 1, next: number }
    },
  }
}

function joining(options: Partial<JoiningDependencies> = {}): Joining {
  const list = (): JoinPeer[] => [...peers.keys()].map((id) => ({ id, best: { hash: chain.chain.genesisHash, number: 200 } }))
  return new Joining(
    {
      network: {
        sender: { request: (peer, ...rest) => loopback(peers.get(peer) as RequestHandler).request(peer, ...rest) },
        judge: { report: (peer, { code }) => { reported.push([peer, code]); peers.delete(peer) }, reward: () => undefined },
        peers: list,
      },
      store: disk,
      proofs: grandpaProofs.proofs({ crypto: inThreadBatchVerifier, authorityForks: [], storage: { get: () => undefined }, caller: NO_RUNTIME, logger: silentLogger }),
      states,
      bodyOf: async () => [Uint8Array.of(7)],
      anchorAuthoring: async ({ number }) => [['babe/there', Uint8Array.of(number)]],
      clock,
      logger: silentLogger,
      ...options,
    },
    start(),
  )
}

/** Turns the clock while something is waited for. */
async function whileTurning<T>(work: Promise<T>): Promise<T> {
  let isDone = false
  const mark = (): void => void (isDone = true)
  work.then(mark, mark)
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
  }
  return work
}

const run = (by = joining(), signal = new AbortController().signal): Promise<'joined' | 'young'> => whileTurning(by.run(signal))

beforeEach(() => {
  chain = provenChain(137)
  disk = new Disk()
  clock = new FakeClock(1_000_000)
  peers = new Map([['a', chain.handler], ['b', chain.handler], ['c', chain.handler]])
  reported = []
  states = fetcher()
})

describe('joining a running chain', () => {
  it('ends with the newest finalized block, its state, and what engines go on from', async () => {
    expect(await run()).toBe('joined')
    expect(states.asked).toEqual([137])
    expect(disk.anchored).toMatchObject({ hash: chain.blocks[136]!.hash, body: [Uint8Array.of(7)], steps: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130] })
    expect(disk.getAux('babe/there')).toEqual(Uint8Array.of(137))
    expect([...disk.aux.keys()].filter((key) => key.startsWith('joining/'))).toEqual([])
    // GRANDPA stands there with the set in charge, and can prove the way to others without a header.
    chain.chain.setBest(chain.blocks[199]!.hash)
    const sets = new AuthoritySets({ aux: disk, blocks: chain.chain }, authoritiesOf(99))
    expect([sets.current.setId, sets.current.authorities]).toEqual([13, authoritiesOf(13)])
    const index = new AuthorityChangeIndex({ blocks: chain.chain, aux: disk })
    await index.scan(137, new AbortController().signal)
    expect(index.after(0, 137).map(({ number }) => number)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130])
  })

  it('stands on a block that ended a set where that is the newest', async () => {
    chain = provenChain(130)
    peers = new Map([['a', chain.handler]])
    expect(await run()).toBe('joined')
    expect(disk.anchored?.header.number).toBe(130)
    expect(new AuthoritySets({ aux: disk, blocks: chain.chain }, GENESIS_SET.authorities).current.setId).toBe(13)
  })

  it('leaves nothing out of a chain on which nothing is final', async () => {
    chain = provenChain(0)
    peers = new Map([['a', chain.handler], ['b', chain.handler]])
    expect(await run()).toBe('young')
    expect([disk.anchored, disk.aux.size]).toEqual([undefined, 0])
  })

  it('believes no end before others agree, and takes the newest that is proven', async () => {
    const early = provenChain(52)
    // The same blocks, and finality of then.
    peers = new Map([['a', early.handler], ['b', chain.handler]])
    expect(early.blocks[51]).toEqual(chain.blocks[51])
    expect(await run()).toBe('joined')
    expect(disk.anchored?.header.number).toBe(137)
    expect(reported).toEqual([])
  })

  it('waits where nobody is here, and says so', async () => {
    const served = peers
    peers = new Map()
    const node = joining()
    const done = node.run(new AbortController().signal)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(300_000)
    expect(node.status(0)).toMatchObject({ stage: 'peers', peers: 0, hold: 'no-peers' })
    peers = served
    expect(await whileTurning(done)).toBe('joined')
  })

  it('gives up where for a minute everybody refuses', async () => {
    const refusing: RequestHandler = { ...chain.handler, onRequest: async () => ({ kind: 'refuse' }) }
    peers = new Map([['a', refusing], ['b', refusing]])
    const node = joining()
    await expect(run(node)).rejects.toMatchObject({ code: 'JOIN_NOT_SERVED' })
    expect(node.status(0)).toMatchObject({ stage: 'proofs', hold: 'nobody-serves-proofs' })
    expect(reported).toEqual([])
  })

  it('goes on to a newer block where nobody keeps the state of then', async () => {
    states = fetcher((number) => {
      if (number > 140) return false
      const { handler } = (chain = provenChain(155))
      for (const id of peers.keys()) peers.set(id, handler)
      return true
    })
    expect(await run()).toBe('joined')
    expect(states.asked).toEqual([137, 155])
    expect(disk.anchored?.steps.at(-1)).toBe(150)
  })
})

describe('a restart', () => {
  it('at any moment goes on from what was proven', async () => {
    for (let moment = 1; moment <= 40; moment++) {
      disk = new Disk()
      states = fetcher()
      let turns = moment
      for (let starts = 0; disk.anchored === undefined; starts++) {
        expect(starts).toBeLessThan(60)
        const controller = new AbortController()
        // Each batch and each answer of a peer is a moment at which the node may end.
        const cut = async <T>(work: () => Promise<T>): Promise<T> => {
          const result = await work()
          if (--turns === 0) controller.abort(new Error('killed'))
          return result
        }
        turns = starts === 0 ? moment : turns <= 0 ? moment + starts : turns
        const node = joining({
          store: { ...disk, putAux: (entries) => cut(() => disk.putAux(entries)), adopt: (block, state) => cut(() => disk.adopt(block, state)) },
          states: { ...states, run: (target) => cut(() => states.run(target, controller.signal)) },
          bodyOf: () => cut(async () => []),
        })
        await run(node, controller.signal).catch((error: Error) => expect(error.message).toBe('killed'))
      }
      expect(disk.anchored).toMatchObject({ hash: chain.blocks[136]!.hash, steps: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130] })
    }
  })

  it('does not ask again for proofs where the target is known', async () => {
    const controller = new AbortController()
    const killed = async (): Promise<never> => {
      controller.abort(new Error('killed'))
      throw controller.signal.reason
    }
    await run(joining({ states: { ...states, run: killed } }), controller.signal).catch(() => undefined)
    expect(disk.anchored).toBeUndefined()
    peers.clear()
    expect(await run()).toBe('joined')
    expect(disk.anchored?.steps).toHaveLength(13)
  })
})

describe('a liar', () => {
  /** Answers of a peer with a chain of its own, or with bytes that it made up. */
  const lies: Readonly<Record<string, () => RequestHandler>> = {
    'of a chain that others signed': () => {
      const other = provenChain(137)
      for (const block of other.blocks) if (other.chain.justified.has(block.hash)) other.chain.justified.set(block.hash, [justify(block, Math.ceil(block.number / 10) - 1, 77)])
      return other.handler
    },
    'that leaves out a change': () => edited(dropped),
    'with a wrong signature': () => edited((bytes) => flipped(bytes, Math.floor(bytes.length / 2))),
    'that is cut off': () => edited((bytes) => bytes.subarray(0, bytes.length - 30)),
    'that is nothing': () => edited(() => new Uint8Array(0)),
  }

  it.each(Object.keys(lies))('with a proof %s is banned, and the others are followed', async (name) => {
    peers = new Map([['liar', lies[name]!()], ['b', chain.handler], ['c', chain.handler]])
    expect(await run()).toBe('joined')
    expect(disk.anchored?.hash).toBe(chain.blocks[136]!.hash)
    expect(reported).toEqual([['liar', 'false-proof']])
  })

  function edited(change: (bytes: Uint8Array) => Uint8Array): RequestHandler {
    return {
      ...chain.handler,
      async onRequest(peer, request, signal) {
        const answer = await chain.handler.onRequest(peer, request, signal)
        return answer.kind === 'response' ? { kind: 'response', bytes: change(answer.bytes.slice()) } : answer
      },
    }
  }
})

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] = (bytes[at] as number) ^ 1
  return bytes
}

/** The proof without its first fragment: fragments of this chain all have the same size until numbers take two bytes. */
function dropped(bytes: Uint8Array): Uint8Array {
  const count = (bytes[0] as number) >> 2
  const size = Math.floor((bytes.length - 2) / count)
  return Uint8Array.of((count - 1) << 2, ...bytes.subarray(1 + size))
}
