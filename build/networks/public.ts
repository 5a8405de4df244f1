/**
 * The specifications of the public networks, put together from what packages of the registry have:
 *
 * - `current`: boot nodes, properties and `lightSyncState` of today, with the root of the genesis state in place of the state;
 * - `states`: the genesis states, which never change, and blocks that must not be taken. A network that is not there ships with the root
 *   alone; its nodes begin at a later state (warp sync) and cannot execute the chain from its beginning;
 * - assets/networks: runtime code that stands in for a chain's own.
 *
 * A specification decides which chain a node follows. So the packages are pinned by their hashes (sources.json), what comes out must have the genesis
 * hash that the source code names (node-core/chain/spec/networks.ts), and what a `lightSyncState` says is to be looked at in each refresh
 * (refresh.ts), because nothing but the package vouches for it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../../node-core/base/bytes.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { unpackCode } from '../../node-core/chain/runtime/code/code.ts'
import { genesisOf } from '../../node-core/chain/spec/genesis.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import { KNOWN_NETWORKS, type KnownNetwork } from '../../node-core/chain/spec/networks.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { unpackPinned, type PinnedPackage } from '../pinned-package.ts'

export const SOURCES = join(import.meta.dirname, 'sources.json')
const ROOT = join(import.meta.dirname, '..', '..')
export const PACKAGES = join(ROOT, '.cache', 'packages')

export interface Sources {
  readonly current: PinnedPackage
  readonly states: PinnedPackage
}

/** Networks of `states`. */
const WITH_STATE: readonly string[] = ['polkadot', 'kusama', 'westend']

interface Substitute {
  readonly network: string
  /** The first block on whose state it runs. */
  readonly block: number
  readonly file: string
  /** blake2b-256 of the module. */
  readonly hash: string
}

const SUBSTITUTES: readonly Substitute[] = [
  {
    network: 'polkadot',
    block: 5_203_203,
    file: join(ROOT, 'assets', 'networks', 'polkadot-5203203.compressed.wasm'),
    hash: '0x37a9655b95082a5bf9e7edcbdb0c4d2972bae0b5cc58bdebdc7c41b64fca20fe',
  },
]

export const PUBLIC_NETWORKS: readonly KnownNetwork[] = KNOWN_NETWORKS.filter(({ genesisHash }) => genesisHash !== undefined)

export async function readSources(): Promise<Sources> {
  return JSON.parse(await readFile(SOURCES, 'utf8')) as Sources
}

/** Everything that the outcome depends on, as one text. */
export async function publicEdition(): Promise<string> {
  const files = await Promise.all([SOURCES, import.meta.filename, ...SUBSTITUTES.map(({ file }) => file)].map((path) => readFile(path)))
  return files.map((file) => blake2Hash(file).slice(2, 18)).join('-')
}

/** The specification of each public network, checked. Throws where one has another genesis than its own. */
export async function publicSpecs(sources: Sources): Promise<readonly { readonly network: KnownNetwork; readonly spec: ChainSpec }[]> {
  const [current, states] = await Promise.all([unpackPinned(sources.current, PACKAGES), unpackPinned(sources.states, PACKAGES)])
  return Promise.all(
    PUBLIC_NETWORKS.map(async (network) => {
      const today = await readCurrent(current, network.id)
      const before = WITH_STATE.includes(network.id) ? await readState(states, network.id) : undefined
      const spec = await combined(today, before, network)
      requireGenesis(today, network)
      requireGenesis(spec, network)
      return { network, spec }
    }),
  )
}

/** The module of a package is one text in a template: it is read, not run. */
async function readCurrent(folder: string, id: string): Promise<ChainSpec> {
  const path = join(folder, 'dist', 'specs', `${id}.js`)
  const text = await readFile(path, 'utf8')
  const parts = text.split('`')
  const json = parts[1]
  if (parts.length !== 3 || json === undefined || /\\|\$\{/.test(json)) throw new Error(`${path} is not in the form that is known: one specification in a template`)
  return parseChainSpec(json, path)
}

async function readState(folder: string, id: string): Promise<ChainSpec> {
  const path = join(folder, 'dist', 'specs', `${id}.json`)
  return parseChainSpec(await readFile(path, 'utf8'), path)
}

async function combined(today: ChainSpec, before: ChainSpec | undefined, { id }: KnownNetwork): Promise<ChainSpec> {
  const protocolId = today.protocolId ?? before?.protocolId
  const fields = {
    ...today,
    forkBlocks: [...(before?.forkBlocks ?? []), ...(today.forkBlocks ?? [])],
    badBlocks: [...new Set([...(before?.badBlocks ?? []), ...(today.badBlocks ?? [])])],
    codeSubstitutes: { ...before?.codeSubstitutes, ...today.codeSubstitutes, ...(await substitutesOf(id)) },
    ...(protocolId === undefined ? {} : { protocolId }),
  }
  return before === undefined ? fields : { ...fields, genesis: before.genesis }
}

async function substitutesOf(id: string): Promise<NonNullable<ChainSpec['codeSubstitutes']>> {
  const found = SUBSTITUTES.filter(({ network }) => network === id)
  const entries = found.map(async ({ block, file, hash }) => {
    const code = await readFile(file)
    if (blake2Hash(unpackCode(code)) !== hash) throw new Error(`${file} is not the runtime that stands in from block ${block} on`)
    return [String(block), toHex(code)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function requireGenesis(spec: ChainSpec, { displayName, genesisHash }: KnownNetwork): void {
  const { hash } = genesisOf(spec)
  if (hash !== genesisHash) {
    throw new Error(`The specification of ${displayName} has the genesis ${hash}, expected is ${genesisHash}. If the network began anew, change node-core/chain/spec/networks.ts.`)
  }
}
