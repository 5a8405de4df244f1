/**
 * Makes the chain specifications that ship with the app, in out/chains: the public networks as published, and the
 * development networks made from Rococo's runtime (see node-core/chain-spec/development.ts).
 */
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concatBytes, utf8 } from '../node-core/base/bytes.ts'
import { developmentSpec, type DevelopmentAuthority, type DevelopmentNetwork } from '../node-core/chain-spec/development.ts'
import { parseChainSpec } from '../node-core/chain-spec/load.ts'
import { DEV_MINI_SECRET, devAccount } from '../node-core/crypto/dev-accounts.ts'
import { blake2b256 } from '../node-core/crypto/hashing.ts'
import { ScaleWriter } from '../node-core/scale/writer.ts'
import { unpackPinned, type PinnedPackage } from './pinned-package.ts'

const PUBLIC: PinnedPackage = {
  name: '@substrate/connect',
  version: '0.3.18',
  integrity: 'sha512-FHRp212723mogIeTRKZn4sEFtyC3TUtJzsz9w7aaYol2VrGgFtr+eIRVjAoo9Qs67T1e5WQo8SiTI2ewCSV0hQ==',
}
const ROCOCO: PinnedPackage = {
  name: '@substrate/connect',
  version: '0.6.5',
  integrity: 'sha512-y/TLbIBo54SYE8LAZQHp0eSiU+WSsclLjzLhUUPtPOHL1u9g+C+uP9QvmZRRV9z4p9ELko6iJH7FF8ZqSRmuPw==',
}
const PUBLIC_NETWORKS = ['polkadot', 'kusama', 'westend']
const WELL_KNOWN = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie']

/** 10 million units of 10^12. */
const DEVELOPMENT_BALANCE = 10_000_000n * 10n ** 12n

const root = join(import.meta.dirname, '..')

/** Bump when the result changes, so that folders made before are made again. */
const EDITION = '1'

export async function buildChainSpecs(): Promise<void> {
  const out = join(root, 'out', 'chains')
  const mark = join(out, '.edition')
  if ((await readFile(mark, 'utf8').catch(() => '')) === EDITION) return
  await mkdir(out, { recursive: true })
  const cache = join(root, '.cache', 'packages')
  const published = await unpackPinned(PUBLIC, cache)
  for (const name of PUBLIC_NETWORKS) await copyFile(join(published, 'dist', 'specs', `${name}.json`), join(out, `${name}.json`))

  const rococoPath = join(await unpackPinned(ROCOCO, cache), 'dist', 'connector', 'specs', 'rococo_v2_1.json')
  await access(rococoPath)
  const rococo = parseChainSpec(await readFile(rococoPath, 'utf8'), rococoPath)
  for (const network of developmentNetworks()) {
    const spec = developmentSpec(rococo, network.network)
    await writeFile(join(out, `${network.file}.json`), `${JSON.stringify(spec, null, 2)}\n`)
  }
  await writeFile(mark, EDITION)
}

function developmentNetworks(): { file: string; network: DevelopmentNetwork }[] {
  const accounts = WELL_KNOWN.flatMap((name) => [devAccount(`//${name}`).sr25519.publicKey, devAccount(`//${name}//stash`).sr25519.publicKey])
  const shared = { sudo: devAccount('//Alice').sr25519.publicKey, accounts, balance: DEVELOPMENT_BALANCE }
  return [
    { file: 'dev', network: { ...shared, name: 'Development', id: 'dev', chainType: 'Development', authorities: [authority('Alice')] } },
    {
      file: 'local',
      network: { ...shared, name: 'Local Testnet', id: 'local_testnet', chainType: 'Local', authorities: WELL_KNOWN.slice(0, 4).map(authority) },
    },
  ]
}

function authority(name: string): DevelopmentAuthority {
  const keys = devAccount(`//${name}`)
  return {
    stash: devAccount(`//${name}//stash`).sr25519.publicKey,
    sr25519: keys.sr25519.publicKey,
    ed25519: keys.ed25519.publicKey,
    ecdsa: secp256k1.getPublicKey(ecdsaSeed(name), true),
  }
}

/** Substrate's hard derivation of an ECDSA seed from the development phrase. */
function ecdsaSeed(name: string): Uint8Array {
  const chainCode = new Uint8Array(32)
  chainCode.set(new ScaleWriter().bytes(utf8(name)).finish())
  return blake2b256(concatBytes(new ScaleWriter().bytes(utf8('Secp256k1HDKD')).finish(), DEV_MINI_SECRET, chainCode))
}

if (import.meta.main) await buildChainSpecs()
