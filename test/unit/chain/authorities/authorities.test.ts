/** The table of authorities, from a chain of headers, votes and connections that the test makes up. */
import { beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { AuthorityWatch } from '../../../../node-core/chain/authorities/authority-watch.ts'
import { ownersOf } from '../../../../node-core/chain/authorities/owners.ts'
import type { AuthorityRow } from '../../../../node-core/chain/authorities/types.ts'
import type { SeenVote } from '../../../../node-core/chain/core/engines/engine.ts'
import type { Header } from '../../../../node-core/chain/scale/header.ts'
import type { Member } from '../../../../node-core/chain/spec/members.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'

const SLOT_MS = 6000
const START_SLOT = 1000
const hashOf = (number: number): Hash => `0x${number.toString(16).padStart(64, '0')}`
const key = (n: number): Hash => `0x${n.toString(16).padStart(2, '0').repeat(32)}`
/** Block keys and vote keys of three. */
const AUTHORS = [key(1), key(2), key(3)]
const VOTERS = [key(11), key(12), key(13)]
const NAMES = ['Ada', 'Bo', 'Cy']

let clock: FakeClock
/** Slot and author of each block, the first above genesis first. */
let chain: { slot: number; author: Hash }[]
let members: Member[]
let voters: readonly Hash[]
let queued: Uint8Array | undefined
let peers: string[]
let authors: readonly Hash[]
let own: Hash | undefined
let certain: boolean
const votes = new Emitter<{ vote: SeenVote }>()

beforeEach(() => {
  clock = new FakeClock(START_SLOT * SLOT_MS)
  chain = []
  members = NAMES.map((name, i) => ({
    name, stash: encodeSs58(fromHex(key(21 + i))), peerId: `peer-${name}`,
    sessionKeys: [{ keyType: 'gran', publicKey: VOTERS[i] as Hash }, { keyType: 'babe', publicKey: AUTHORS[i] as Hash }],
  }))
  queued = undefined
  voters = VOTERS
  peers = []
  authors = AUTHORS
  own = AUTHORS[0]
  certain = true
})

function headerAt(number: number): Header | undefined {
  return number > chain.length ? undefined : { parentHash: hashOf(number - 1), number, stateRoot: hashOf(number), extrinsicsRoot: hashOf(0), digest: [] }
}
const slotOf = ({ number }: Header): number | undefined => chain[number - 1]?.slot

async function watch(): Promise<AuthorityWatch> {
  const made = new AuthorityWatch(
    {
      blocks: {
        best: () => ({ hash: hashOf(chain.length), number: chain.length }),
        finalized: () => ({ hash: hashOf(0), number: 0 }),
        header: (hash) => headerAt(Number(BigInt(hash))),
      },
      storage: { has: () => true, get: () => queued },
      consensus: {
        events: votes,
        slotDurationMs: SLOT_MS,
        lookUpAuthor: async (hash) => chain[Number(BigInt(hash)) - 1]?.author,
        slotOf,
        // Round robin.
        turnOf: async (_parent, _hash, slot) => (certain ? AUTHORS[slot % 3] : undefined),
        authors: async () => authors,
        voters: () => ({ authorities: voters.map((voter) => ({ key: voter, weight: 1 })), threshold: 3 }),
      },
      timeOf: (header) => (slotOf(header) ?? 0) * SLOT_MS,
      isOwn: (candidate) => candidate === own,
      peers: () => peers,
      localPeerId: () => 'peer-Ada',
      clock,
      logger: silentLogger,
    },
    { members, addressPrefix: 42, isPublic: false },
  )
  await made.start()
  return made
}

async function rows(made: AuthorityWatch): Promise<readonly AuthorityRow[]> {
  await made.refresh()
  return made.report()?.rows ?? []
}

describe('a row', () => {
  it('has the name of the member, its account, its last block and its last vote', async () => {
    chain = [{ slot: 1000, author: key(2) }, { slot: 1001, author: key(3) }, { slot: 1002, author: key(2) }]
    const made = await watch()
    votes.emit('vote', { authority: VOTERS[1] as Hash, setId: 0, round: 7, own: false })
    clock.skip(3 * SLOT_MS)
    const [ada, bo, cy] = await rows(made)
    expect(bo).toEqual({
      key: key(2), address: encodeSs58(fromHex(key(22))), name: 'Bo', presence: 'here', weight: 1, missed: 0,
      lastBlock: { number: 3, time: 1002 * SLOT_MS }, lastVote: { round: 7, at: START_SLOT * SLOT_MS },
    })
    expect([ada?.lastBlock, ada?.lastVote, cy?.lastBlock?.number, cy?.lastVote]).toEqual([undefined, undefined, 2, undefined])
    expect(made.report()?.finality).toEqual({ total: 3, threshold: 3, behind: 3 })
  })

  it('forgets the last vote of whoever left the set', async () => {
    const made = await watch()
    const vote = (voter: number, setId: number): unknown => votes.emit('vote', { authority: VOTERS[voter] as Hash, setId, round: 1, own: false })
    vote(1, 4)
    vote(2, 4)
    voters = VOTERS.slice(0, 2)
    vote(0, 5)
    voters = VOTERS
    expect((await rows(made)).map(({ lastVote }) => lastVote?.round)).toEqual([1, 1, undefined])
  })

  it('counts the slots that were its turn and have no block, and none of a network that stood still', async () => {
    // 1002 and 1003 are empty: the turns of the first (1002 % 3 = 0) and the second.
    chain = [{ slot: 1001, author: key(3) }, { slot: 1004, author: key(3) }, { slot: 5000, author: key(3) }]
    expect((await rows(await watch())).map(({ missed }) => missed)).toEqual([1, 1, 0])
    certain = false
    expect((await rows(await watch())).map(({ missed }) => missed)).toEqual([undefined, undefined, undefined])
  })

  it('is this computer\'s, here by its connection or by what was heard, and away when nothing was for long enough', async () => {
    peers = ['peer-Bo']
    const made = await watch()
    const presence = async (): Promise<unknown> => (await rows(made)).map((row) => row.presence)
    expect(await presence()).toEqual(['self', 'here', 'unknown'])
    clock.skip(20_000)
    // The id of Cy's node is known, and it is not connected.
    expect(await presence()).toEqual(['self', 'here', 'away'])
    votes.emit('vote', { authority: VOTERS[2] as Hash, setId: 0, round: 1, own: false })
    expect(await presence()).toEqual(['self', 'here', 'here'])
    clock.skip(4 * 3 * SLOT_MS)
    expect(await presence()).toEqual(['self', 'here', 'away'])
  })

  it('of somebody whose node is not known is away only after several rounds of slots', async () => {
    members = []
    const made = await watch()
    clock.skip(4 * 3 * SLOT_MS - 1)
    expect((await rows(made)).map(({ presence, name }) => [presence, name])).toEqual([['self', undefined], ['unknown', undefined], ['unknown', undefined]])
    clock.skip(1)
    expect((await rows(made))[1]?.presence).toBe('away')
  })
})

it('there is no table of more than a hundred', async () => {
  authors = Array.from({ length: 101 }, (_, i) => key(i))
  const made = await watch()
  await made.refresh()
  expect(made.report()).toBeUndefined()
})

describe('who owns a key', () => {
  const alice = devAccount('//Alice')
  const stash = fromHex(key(9))
  const session = concatBytes(Uint8Array.of(4), stash, alice.ed25519.publicKey, alice.sr25519.publicKey)

  it('is a development account with the account that the runtime has for its keys, but not on a public network', () => {
    const [found] = ownersOf({ members: [], addressPrefix: 42, isPublic: false }, session)
    expect(found).toEqual({ name: 'Alice', account: encodeSs58(stash), peerId: undefined, keys: [toHex(alice.sr25519.publicKey), toHex(alice.ed25519.publicKey)] })
    expect(ownersOf({ members: [], addressPrefix: 42, isPublic: true }, session)).toEqual([
      { name: undefined, account: encodeSs58(stash), peerId: undefined, keys: [toHex(alice.ed25519.publicKey), toHex(alice.sr25519.publicKey)] },
    ])
  })

  it('is nobody\'s where the runtime keeps something else there', () => {
    expect(ownersOf({ members: [], addressPrefix: 42, isPublic: true }, Uint8Array.of(8, ...new Uint8Array(70)))).toEqual([])
  })
})
