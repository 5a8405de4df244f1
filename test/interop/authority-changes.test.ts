/**
 * Authorities that come and go on a network of our own while smoldot follows: with short epochs, a second node becomes an authority and
 * ceases to be one. Finality goes on through both changes, and the light client, which knows nothing but the genesis, verifies it.
 */
import { afterEach, expect, it } from 'vitest'
import { concatBytes, utf8, type Hash } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { signWith } from '../../node-core/crypto/keys/keypairs.ts'
import { grandpaAuthorities } from '../../node-core/chain/core/engines/grandpa/runtime-api.ts'
import type { Call } from '../../node-core/chain/extrinsics/arguments.ts'
import type { Signer } from '../../node-core/chain/extrinsics/builder.ts'
import { senderRuntime } from '../../node-core/chain/node/own-extrinsics.ts'
import { ExtrinsicSender } from '../../node-core/chain/extrinsics/sender.ts'
import { developmentAccountKeys, findSigner } from '../../node-core/chain/extrinsics/signers.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { LightClient } from '../helpers/light-client.ts'
import { ownSpec } from '../helpers/own-spec.ts'

/** Epochs of twenty seconds. */
const SPEC = ownSpec({ chainType: 'Local', patch: { settings: { slotDuration: 2000, epochLength: 10 } } })

const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const signer = (name: 'Alice' | 'Bob'): Signer => findSigner(developmentAccountKeys([name]), devAccount(`//${name}`).sr25519.publicKey) as Signer

/** Bob registers his session keys; each of them proves that he has it. */
function registerBob(): Call {
  const { ed25519, sr25519 } = devAccount('//Bob')
  const statement = concatBytes(utf8('POP_'), sr25519.publicKey)
  const proof = concatBytes(signWith(ed25519, statement), signWith(sr25519, statement))
  return { pallet: 'Session', name: 'set_keys', args: { keys: { grandpa: ed25519.publicKey, babe: sr25519.publicKey }, proof } }
}

function asRoot(name: 'add' | 'remove'): Call {
  return { pallet: 'Sudo', name: 'sudo', args: { call: { pallet: 'Authorities', name, args: { account: devAccount('//Bob').sr25519.publicKey } } } }
}

it('are added and removed over sessions, with finality all the time, here, on the other node, and in smoldot', async () => {
  const alice = await DevNode.start({ spec: SPEC, forceAuthoring: true })
  stops.push(() => alice.stop())
  const address = alice.address
  const bob = await DevNode.start({ spec: SPEC, account: 'bob', clock: alice.clock, bootnodes: [address] })
  stops.push(() => bob.stop())
  const light = new LightClient(alice.node, 'tcp', SPEC)
  stops.push(() => light.stop())
  let seenFinal = 0
  const following = light.client.finalizedBlock$.subscribe(({ number }) => (seenFinal = number))
  stops.push(async () => following.unsubscribe())

  const { blocks, storage, runtime, core } = alice.node
  const sender = new ExtrinsicSender({ blocks, storage, runtime: senderRuntime({ blocks, runtime, pool: core.pool }), pool: core.pool, logger: silentLogger })
  const reach = (what: string, done: () => boolean): Promise<void> => alice.reach(what, done)
  const send = async (call: Call, by: Signer): Promise<void> => {
    let isDone = false
    const sent = sender.send(call, by, { signal: AbortSignal.timeout(60_000) }).finally(() => (isDone = true))
    await Promise.all([sent, reach(call.name, () => isDone)])
  }
  /** How many sign finality after this block. */
  const authoritiesAt = async (hash: Hash): Promise<number> => (await grandpaAuthorities(runtime, blocks.header(hash)?.stateRoot as Hash)).length
  /** Ends where smoldot has verified a block that so many authorities finalized, or one above it. */
  const finalizedBy = async (count: number): Promise<void> => {
    for (let found = 0; found !== count; found = await authoritiesAt(blocks.finalized().hash)) {
      const from = blocks.finalized().number
      await reach('finality', () => blocks.finalized().number > from)
    }
    const reached = blocks.finalized().number + 2
    await reach(`block ${reached} to be final in smoldot and at Bob's`, () => seenFinal >= reached && bob.node.blocks.finalized().number >= reached)
  }

  await reach('smoldot', () => seenFinal > 0)
  await reach('Bob', () => bob.node.blocks.finalized().number > 0)
  await send(registerBob(), signer('Bob'))
  await send(asRoot('add'), signer('Alice'))
  await finalizedBy(2)
  // Bob makes blocks too.
  const since = blocks.best().number
  await reach('a block of Bob', () => blocks.route(blocks.hashByNumber(since) ?? blocks.genesisHash, blocks.best().hash).some(({ hash }) => alice.node.authorOf(hash) === 'Bob'))

  await send(asRoot('remove'), signer('Alice'))
  await finalizedBy(1)
  await bob.stop()
  stops.splice(1, 1)
  const alone = blocks.finalized().number
  await reach('finality without Bob', () => blocks.finalized().number > alone + 5 && seenFinal > alone + 5)
  // It found Bob's node too, and lost it when that stopped.
  expect(light.complaints().filter((line) => !line.includes(bob.node.network.localPeerId))).toEqual([])
  expect([...alice.problems(), ...bob.problems()]).toEqual([])
}, 240_000)
