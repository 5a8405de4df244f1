/** A block that changes `:code`: the next one runs the new runtime, here and on a node that follows. */
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { expect, it } from 'vitest'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ORIGINAL_NAME, OTHER_NAME, renamedRuntime } from '../helpers/renamed-runtime.ts'

/** Signed by Alice, who is sudo. */
async function upgradeExtrinsic(rpcAddress: string, code: Uint8Array): Promise<Uint8Array> {
  const api = await ApiPromise.create({ provider: new WsProvider(rpcAddress) as unknown as ProviderInterface, noInitWarn: true })
  try {
    const call = api.tx.system?.setCodeWithoutChecks?.(toHex(code))
    const extrinsic = api.tx.sudo?.sudoUncheckedWeight?.(call, 0)
    await extrinsic?.signAsync(new Keyring({ type: 'sr25519' }).addFromUri('//Alice'), { nonce: 0, era: 0 })
    return extrinsic?.toU8a() as Uint8Array
  } finally {
    await api.disconnect()
  }
}

it('exchanges the runtime at the block that changes it', async () => {
  const author = await DevNode.start()
  const follower = await DevNode.start({ validator: false, clock: author.clock })
  try {
    const { blocks, core, runtime } = author.node
    const implementationAt = async (number: number) => {
      const header = blocks.header(blocks.hashByNumber(number) as Hash)
      return (await runtime.version(header?.stateRoot as Hash)).implName
    }
    await author.slots(2)
    await core.pool.submit(await upgradeExtrinsic(author.node.rpcAddress as string, renamedRuntime()), 'local')
    await author.slots(3)
    expect(core.pool.status().ready).toBe(0)
    expect(await implementationAt(2)).toBe(ORIGINAL_NAME)
    expect(await implementationAt(3)).toBe(OTHER_NAME)
    expect(blocks.best().number).toBe(5)

    for (const { hash } of blocks.route(blocks.genesisHash, blocks.best().hash)) {
      const block = { header: blocks.header(hash) as never, body: (await blocks.body(hash)) ?? [] }
      expect(await follower.node.core.importer.importBlock(block, 'sync')).toMatchObject({ kind: 'imported' })
    }
    expect(follower.node.blocks.best()).toEqual(blocks.best())
    expect(author.problems()).toEqual([])
  } finally {
    await author.stop()
    await follower.stop()
  }
}, 120_000)
