/** What ships of the public networks, as the build made it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { CHAINS } from '../../../helpers/chain-files.ts'
import { genesisOf } from '../../../../node-core/chain/spec/genesis.ts'
import { lightSyncStateOf } from '../../../../node-core/chain/spec/light-sync-state.ts'
import { parseChainSpec } from '../../../../node-core/chain/spec/load.ts'
import { KNOWN_NETWORKS, knownNetworkOf } from '../../../../node-core/chain/spec/networks.ts'
import { readSubstitutes } from '../../../../node-core/chain/spec/substitutes.ts'
import { configuredPeers } from '../../../../node-core/network/peers/configured.ts'

const PUBLIC = KNOWN_NETWORKS.filter(({ genesisHash }) => genesisHash !== undefined)

async function read(id: string) {
  const path = join(CHAINS, `${id}.json`)
  return parseChainSpec(await readFile(path, 'utf8'), path)
}

describe.each(PUBLIC)('$displayName', (network) => {
  it('has its genesis, its identifier, and the name of its protocols', async () => {
    const spec = await read(network.id)
    const { hash, header, nodes } = genesisOf(spec)
    expect([hash, spec.id, spec.chainType]).toEqual([network.genesisHash, network.specId, 'Live'])
    expect(spec.protocolId).toMatch(/^[a-z0-9]{3,6}$/)
    expect(nodes === undefined).toBe(network.id === 'paseo')
    // The root alone is the same network.
    expect(genesisOf({ ...spec, genesis: { stateRootHash: header.stateRoot } })).toEqual({ hash, header, nodes: undefined })
    expect(knownNetworkOf(spec)).toBe(network)
  })

  it('says at which block a node may begin, and who finalizes what follows', async () => {
    const state = lightSyncStateOf(await read(network.id))
    expect(state?.finalizedHeader.number).toBeGreaterThan(200_000)
    expect(state?.authoritySet.setId).toBeGreaterThan(50)
    expect(new Set(state?.authoritySet.authorities.map(({ key }) => key)).size).toBe(state?.authoritySet.authorities.length)
    expect(state?.authoritySet.authorities.every(({ weight }) => weight === 1)).toBe(true)
  })

  it('has boot nodes, each with an address that can be used', async () => {
    const { bootNodes } = await read(network.id)
    expect(bootNodes.length).toBeGreaterThanOrEqual(2)
    expect(configuredPeers({ dataPath: '', port: 0, networkBootnodes: bootNodes }, silentLogger).map(({ address }) => address)).toEqual(bootNodes)
  })
})

describe('what a node that executes the whole chain needs', () => {
  it('is the runtime that stands in for Polkadot’s own from block 5,203,203 on', async () => {
    const substitutes = readSubstitutes(await read('polkadot'))
    expect(substitutes.map(({ block, specVersion }) => [block, specVersion])).toEqual([[5_203_203, 30]])
  })

  it('is the blocks of Kusama and Westend that must not be taken', async () => {
    for (const id of ['kusama', 'westend']) expect((await read(id)).badBlocks).toHaveLength(2)
  })
})

it('a network that has the identifier of one that ships, and another name, is not taken for it', () => {
  expect(knownNetworkOf({ id: 'paseo', name: 'Paseo Testnet' })).toBeUndefined()
  expect(knownNetworkOf({ id: 'ksmcc3', name: 'Kusama' })?.id).toBe('kusama')
})
