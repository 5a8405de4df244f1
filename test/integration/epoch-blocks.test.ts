/** Epochs on our own runtime: their first block takes no transactions, which wait for the next one, and nothing is lost. */
import { afterEach, expect, it } from 'vitest'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import type { Hash } from '../../node-core/base/bytes.ts'
import { remarkCall, signedExtrinsic } from '../helpers/dev-extrinsic.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ownSpec } from '../helpers/own-spec.ts'

const EPOCH = 10

let dev: DevNode | undefined

afterEach(async () => {
  await dev?.stop()
  dev = undefined
})

it('a transaction that meets the first block of an epoch is in the one after it, in each of five epochs', async () => {
  dev = await DevNode.start({ spec: ownSpec({ patch: { settings: { epochLength: EPOCH } } }) })
  const { blocks, core, runtime } = dev.node
  const { genesisHash } = blocks
  const version = await runtime.version(blocks.header(genesisHash)?.stateRoot ?? '0x')
  const bodyOf = async (number: number): Promise<Hash[]> => ((await blocks.body(blocks.hashByNumber(number) ?? '0x')) ?? []).map(blake2Hash)
  const announces = (number: number): boolean =>
    blocks.header(blocks.hashByNumber(number) ?? '0x')?.digest.some((item) => item.type === 'consensus' && item.engine === 'BABE' && item.data[0] === 1) === true
  for (let epoch = 0; epoch < 5; epoch++) {
    // The block before the last of this epoch.
    await dev.slots(EPOCH * (epoch + 1) - 1 - blocks.best().number)
    const early = await core.pool.submit(signedExtrinsic(devAccount('//Alice').sr25519, remarkCall(Uint8Array.of(epoch)), epoch * 2, { genesisHash, version }), 'external')
    await dev.slots(1)
    const late = await core.pool.submit(signedExtrinsic(devAccount('//Alice').sr25519, remarkCall(Uint8Array.of(epoch, 1)), epoch * 2 + 1, { genesisHash, version }), 'external')
    await dev.slots(1)
    const first = blocks.best().number
    expect([announces(first - 1), announces(first)]).toEqual([false, true])
    expect(await bodyOf(first)).toHaveLength(1)
    expect(core.pool.status()).toMatchObject({ ready: 1, future: 0 })
    await dev.slots(1)
    expect(await bodyOf(first - 1)).toContain(early)
    expect(await bodyOf(first + 1)).toContain(late)
  }
  expect(core.pool.status()).toMatchObject({ ready: 0, future: 0 })
  expect(dev.problems()).toEqual([])
})
