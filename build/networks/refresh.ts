/**
 * Brings the public networks up to date before a release: pins the newest package that has their boot nodes and light sync states, makes
 * the specifications out of it, and says what each begins with. Nothing is pinned where a network comes out with another genesis.
 *
 * The light sync state is the one thing in it that nothing proves: before it is committed, each block is compared with what
 * an explorer, or a node of the network that is trusted, has at that height.
 *
 * Run: `npm run networks:refresh`
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { headerHash } from '../../node-core/chain/scale/header.ts'
import { lightSyncStateOf } from '../../node-core/chain/spec/light-sync-state.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { buildChainSpecs } from '../chain-specs.ts'
import type { PinnedPackage } from '../pinned-package.ts'
import { main, say } from '../terminal.ts'
import { publicSpecs, readSources, SOURCES } from './public.ts'

const run = promisify(execFile)

if (import.meta.main) main(refresh)

async function refresh(): Promise<void> {
  const before = await readSources()
  const after = { ...before, current: await newestOf(before.current.name) }
  // Where a network began anew, what was pinned before does not fit the source code any more.
  const old = await publicSpecs(before).catch(() => [])
  const specs = await publicSpecs(after)
  for (const { network, spec } of specs) {
    const earlier = old.find((one) => one.network === network)?.spec
    say(`${network.displayName}: ${spec.bootNodes.length} boot nodes (${earlier?.bootNodes.length ?? 0} before); begins at ${beginningOf(spec)}, before at ${earlier === undefined ? 'none' : beginningOf(earlier)}`)
  }
  await writeFile(SOURCES, `${JSON.stringify(after, undefined, 2)}\n`)
  await buildChainSpecs()
  const changed = before.current.version === after.current.version ? `${after.current.name} ${after.current.version} is the newest` : `${after.current.name}: ${before.current.version} to ${after.current.version}`
  say(`${changed}. Compare the blocks above with an explorer before you commit build/networks/sources.json.`)
}

async function newestOf(name: string): Promise<PinnedPackage> {
  const { stdout } = await run('npm', ['view', name, 'version', 'dist.integrity', '--json'], { shell: process.platform === 'win32' })
  const found = JSON.parse(stdout) as { readonly version?: unknown; readonly 'dist.integrity'?: unknown }
  const { version, 'dist.integrity': integrity } = found
  if (typeof version !== 'string' || typeof integrity !== 'string' || !integrity.startsWith('sha512-')) throw new Error(`The registry does not say what the newest ${name} is`)
  return { name, version, integrity }
}

function beginningOf(spec: ChainSpec): string {
  const state = lightSyncStateOf(spec)
  if (state === undefined) return 'genesis'
  const { finalizedHeader, authoritySet } = state
  return `#${finalizedHeader.number} ${headerHash(finalizedHeader)} (set ${authoritySet.setId}, ${authoritySet.authorities.length} authorities)`
}
