/**
 * Joining at a block between the announcement of a change of GRANDPA's authorities and its taking effect: the announcement is in a header that
 * the late node never sees, and without it finality would stand still for it.
 *
 * The change stands in the genesis state, where pallet-grandpa takes it for one that is to be announced at its height: so the real runtime
 * announces and makes it, and one with a delay that is not forced, too, which no call makes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { toHex } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import { grandpaLogs, writeAuthorities } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import { PENDING_CHANGE_KEY } from '../../node-core/chain/core/engines/grandpa/sets/runtime-change.ts'
import { signingPayload } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import { encodeJustification } from '../../node-core/chain/core/engines/grandpa/proofs/encoding.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { writeHeader, type Header } from '../../node-core/chain/scale/header.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { TrieStorageReader } from '../../node-core/chain/state/storage-reader.ts'
import { ed25519Sign } from '../../node-core/crypto/ed25519/ed25519.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { grandpaOf } from '../helpers/grandpa-of.ts'
import { ownSpec } from '../helpers/own-spec.ts'
import { ProvingPeer } from '../helpers/proving-peers.ts'

const ANNOUNCED = 5
const DELAY = 6

const ALICE = devAccount('//Alice').ed25519
const KEY = toHex(ALICE.publicKey)

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** The same authority with another weight: whoever finalizes signs for another set. */
function pendingSpec(medianFinalized: number | undefined): ChainSpec {
  const spec = ownSpec({ id: `nodestead_pending_${medianFinalized ?? 'scheduled'}` })
  if (!('raw' in spec.genesis)) throw new Error('the specification has no state')
  const { raw } = spec.genesis
  const change = writeAuthorities(new ScaleWriter().u32(ANNOUNCED).u32(DELAY), [{ key: KEY, weight: 2 }]).option(medianFinalized, (writer, number) => writer.u32(number)).finish()
  return { ...spec, genesis: { raw: { ...raw, top: { ...raw.top, [toHex(PENDING_CHANGE_KEY)]: toHex(change) } } } }
}

/** That the set of the beginning finalized a block. */
function proofOf({ hash, number }: BlockRef, header: Header): Uint8Array {
  const signature = ed25519Sign(ALICE.secret.reveal(), signingPayload('precommit', { hash, number }, { round: 1, setId: 0 }))
  const data = encodeJustification({ round: 1, targetHash: hash, targetNumber: number, precommits: [{ targetHash: hash, targetNumber: number, signature, authorityId: KEY }], votesAncestries: [] })
  return new ScaleWriter().vec([data], (writer, proof) => writeHeader(writer, header).raw(proof)).bool(true).finish()
}

it.each([
  ['scheduled', undefined, 0],
  ['scheduled', undefined, 2],
  ['forced', 2, 0],
  ['forced', 2, 2],
] as const)('finality goes on over a %s change that was pending where the node joined (median %s; %i blocks above its announcement)', async (kind, medianFinalized, above) => {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-pending-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  const spec = pendingSpec(medianFinalized)
  const clock = new FakeClock(1_700_000_001_000)
  const author = await DevNode.start({ spec, clock })
  stops.push(() => author.stop())
  await author.slots(ANNOUNCED + above)
  const { blocks, storage } = author.node
  const anchor = blocks.best()
  const header = blocks.header(anchor.hash)!
  expect(anchor.number).toBe(ANNOUNCED + above)
  expect(grandpaLogs(blocks.header(blocks.hashByNumber(ANNOUNCED)!)!).map((log) => log.kind)).toEqual([kind])

  if (!(storage instanceof TrieStorageReader)) throw new Error('the node proves nothing of its state')
  const proving = await ProvingPeer.start({ blocks, proofs: storage, clock, dataPath: join(folder, 'peer'), answers: { proofs: () => proofOf(anchor, header) } })
  stops.push(() => proving.stop())
  const joiner = await DevNode.start({ spec, clock, validator: false, sync: 'warp', bootnodes: [proving.address] })
  stops.push(() => joiner.stop())
  await author.reach('joining', () => joiner.node.blocks.finalized().number > 0 && joiner.node.joining.status() === undefined, 250)
  const outcome = joiner.node.joining.outcome()
  expect(outcome).toMatchObject({ kind: 'joined', block: anchor })
  expect(grandpaOf(joiner.node).position.setId).toBe(0)

  joiner.node.peerActions.addReserved(author.address)
  await author.slots(DELAY + 4)
  await author.reach('finality', () => joiner.node.blocks.finalized().number > ANNOUNCED + DELAY)
  expect([grandpaOf(author.node).position.setId, grandpaOf(joiner.node).position.setId]).toEqual([1, 1])
  expect(joiner.node.core.engine.voters()).toEqual(author.node.core.engine.voters())
  const final = joiner.node.blocks.finalized()
  expect(blocks.hashByNumber(final.number)).toBe(final.hash)
  expect([...author.problems(), ...joiner.problems()]).toEqual([])
})
