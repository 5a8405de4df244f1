/**
 * Westend's first 256 blocks, told by our explorer and by polkadot.js, which has a book of old types of its own. Read from the folder
 * beside the project; skipped where it is absent.
 */
import { ApiPromise, WsProvider } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Hash } from '../../node-core/base/bytes.ts'
import type { BlockDetails, Call } from '../../node-core/chain/explorer/types.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { hasVector } from '../helpers/vectors.ts'
import { WESTEND_BLOCKS, westendBlocks } from '../helpers/westend-blocks.ts'

/** `set_heads` as `setHeads`. */
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const lower = (name: string): string => `${name[0]?.toLowerCase()}${name.slice(1)}`

const nameOf = ({ pallet, name }: Call): string => `${lower(pallet)}.${camel(name)}`

describe.skipIf(!hasVector(WESTEND_BLOCKS))('blocks from before types were described', () => {
  let node: DevNode
  let api: ApiPromise

  beforeAll(async () => {
    node = await DevNode.start({ chain: 'westend', validator: false, sync: 'full', spec: { ...readChainFile('westend'), bootNodes: [] } })
    const { importer } = node.node.core
    await Promise.all(westendBlocks().map((block) => importer.importBlock(block, 'sync')))
    api = await ApiPromise.create({ provider: new WsProvider(node.node.rpcAddress) as unknown as ProviderInterface, noInitWarn: true })
  }, 120_000)

  afterAll(async () => {
    await api.disconnect()
    await node.stop()
  })

  it('are told as polkadot.js tells them: calls, signers, nonces, events', async () => {
    // It says of each type that it has no number for it, which is so.
    for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined)
    const { blocks, explorer } = node.node
    let events = 0
    for (const { hash, number } of blocks.route(blocks.genesisHash, blocks.best().hash)) {
      const [ours, theirs] = await Promise.all([explorer.block(hash), toldBy(api, hash)])
      expect(ours?.undecodable, `block ${number}`).toBeUndefined()
      expect(ours?.eventsProblem, `block ${number}`).toBeUndefined()
      expect(told(ours as BlockDetails), `block ${number}`).toEqual(theirs)
      events += theirs.events.length
    }
    expect(events).toBeGreaterThan(500)
  }, 120_000)
})

interface Told {
  readonly extrinsics: readonly unknown[]
  readonly events: readonly string[]
}

function told(block: BlockDetails): Told {
  const events = [...block.events, ...block.extrinsics.flatMap((extrinsic) => extrinsic.events)]
  return {
    extrinsics: block.extrinsics.map(({ call, signed, problem }) => [
      problem, call === undefined ? undefined : nameOf(call), call?.args.map(({ name }) => camel(name.replace(/^_/, ''))),
      signed?.account.kind === 'account' ? signed.account.account.publicKey : undefined, signed?.nonce,
    ]),
    events: events.map(({ pallet, name, fields }) => `${lower(pallet)}.${name} ${fields.length}`).sort(),
  }
}

async function toldBy(api: ApiPromise, hash: Hash): Promise<Told> {
  const [{ block }, at] = await Promise.all([api.rpc.chain.getBlock(hash), api.at(hash)])
  const events = await at.query['system']?.['events']?.()
  return {
    extrinsics: block.extrinsics.map(({ method, isSigned, signer, nonce }) => [
      undefined, `${method.section}.${method.method}`, method.meta.args.map(({ name }) => camel(name.toString().replace(/^_/, ''))),
      isSigned ? signer.toHex() : undefined, isSigned ? nonce.toString() : undefined,
    ]),
    events: (events as unknown as { event: { section: string; method: string; data: unknown[] } }[]).map(({ event }) => `${event.section}.${event.method} ${event.data.length}`).sort(),
  }
}
