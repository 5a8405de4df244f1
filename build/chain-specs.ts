/**
 * Makes the chain specifications that ship with the app, in out/chains: the public networks as published, and the
 * development networks made from Rococo's runtime (see node-core/chain/spec/development.ts).
 */
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { developmentSpec, type DevelopmentNetwork } from '../node-core/chain/spec/development.ts'
import { DEVELOPMENT_BALANCE, developmentAccounts, developmentAuthority } from '../node-core/chain/spec/development-accounts.ts'
import { parseChainSpec } from '../node-core/chain/spec/load.ts'
import { DEV_ACCOUNTS, devAccount } from '../node-core/crypto/keys/dev-accounts.ts'
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
  const endowments = developmentAccounts().map((account) => ({ account, free: DEVELOPMENT_BALANCE }))
  const shared = { sudo: devAccount('//Alice').sr25519.publicKey, endowments }
  return [
    { file: 'dev', network: { ...shared, name: 'Development', id: 'dev', chainType: 'Development', authorities: [developmentAuthority('Alice')] } },
    {
      file: 'local',
      network: { ...shared, name: 'Local Testnet', id: 'local_testnet', chainType: 'Local', authorities: DEV_ACCOUNTS.slice(0, 4).map(developmentAuthority) },
    },
  ]
}

if (import.meta.main) await buildChainSpecs()
