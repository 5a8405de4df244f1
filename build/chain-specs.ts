/**
 * Makes the chain specifications that ship with the app, in out/chains: the public networks (networks/public.ts), and the development networks
 * from the presets of our own runtime (assets/runtime), each with its genesis made already, so that a start does not have to make it.
 */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../node-core/base/bytes.ts'
import { blake2Hash } from '../node-core/crypto/hashes/hashing.ts'
import { shippedGenesisPath } from '../node-core/chain/spec/load.ts'
import { printSpec } from '../node-core/chain/spec/print.ts'
import { buildRawGenesis, withoutPreset } from '../node-core/chain/spec/runtime-genesis/builder.ts'
import { writeKept } from '../node-core/chain/spec/runtime-genesis/kept.ts'
import type { WrittenSpec } from '../node-core/chain/spec/schema.ts'
import { publicEdition, publicSpecs, readSources } from './networks/public.ts'
import { shipRuntime } from './ship-runtime.ts'

const root = join(import.meta.dirname, '..')
const RUNTIME = join(root, 'assets', 'runtime', 'nodestead.compact.compressed.wasm')

/** Bump when the result changes while its sources do not, so that folders made before are made again. */
const EDITION = '3'

interface OwnNetwork {
  readonly file: string
  readonly preset: string
  readonly spec: Pick<WrittenSpec, 'name' | 'id' | 'chainType'>
}

const OWN_NETWORKS: readonly OwnNetwork[] = [
  { file: 'dev', preset: 'development', spec: { name: 'Development', id: 'nodestead_dev', chainType: 'Development' } },
  { file: 'local', preset: 'local_testnet', spec: { name: 'Local Testnet', id: 'nodestead_local', chainType: 'Local' } },
]

export async function buildChainSpecs(): Promise<void> {
  const out = join(root, 'out', 'chains')
  await shipRuntime(out)
  const mark = join(out, '.edition')
  const runtime = await readFile(RUNTIME)
  const edition = `${EDITION} ${blake2Hash(runtime)} ${await publicEdition()}`
  if ((await readFile(mark, 'utf8').catch(() => '')) === edition) return
  await rm(mark, { force: true })
  await mkdir(out, { recursive: true })
  for (const { network, spec } of await publicSpecs(await readSources())) {
    const path = join(out, `${network.id}.json`)
    await writeFile(path, printSpec(spec, path))
  }
  for (const network of OWN_NETWORKS) await writeOwn(out, network, runtime)
  await writeFile(mark, edition)
}

async function writeOwn(out: string, { file, preset, spec }: OwnNetwork, runtime: Uint8Array): Promise<void> {
  const genesis = withoutPreset({ code: toHex(runtime), how: { kind: 'namedPreset', name: preset, patch: {} } })
  const path = join(out, `${file}.json`)
  const written: WrittenSpec = {
    ...spec,
    bootNodes: [],
    protocolId: spec.id,
    properties: { ss58Format: 42, tokenDecimals: 12, tokenSymbol: 'UNIT' },
    codeSubstitutes: {},
    genesis: { runtimeGenesis: genesis },
  }
  await writeFile(path, printSpec(written, path))
  const kept = shippedGenesisPath(out, file)
  await writeKept(kept, genesis, buildRawGenesis(genesis))
  // Installed for everybody, and not its maker's alone.
  await chmod(kept, 0o644)
}

if (import.meta.main) await buildChainSpecs()
