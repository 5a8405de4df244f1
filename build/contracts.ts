/**
 * `npm run build:contracts`: builds the ink! contracts in `test/fixtures/contracts`, and writes beside their sources what the field's
 * tools read: one `.contract` file each, with the compiled code and the description of its interface, and a manifest.
 *
 * The suite deploys those files; nobody needs this but whoever changes the contracts, or wants to see that the files are those of
 * the sources. It is done with the toolchain of the runtime, and comes to the same bytes wherever it is done.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { toHex } from '../node-core/base/bytes.ts'
import { blake2b256 } from '../node-core/crypto/hashes/hashing.ts'
import { sha256 } from './runtime/manifest.ts'
import { sourcesHash } from './runtime/sources.ts'
import { compilerEnvironment, findToolchain, pathRemaps, type Toolchain } from './runtime/toolchain.ts'
import { main, ROOT, run, say, step } from './terminal.ts'

export const CONTRACTS_FOLDER = join(ROOT, 'test', 'fixtures', 'contracts')
export const CONTRACTS_MANIFEST = join(CONTRACTS_FOLDER, 'contracts.json')
export const CONTRACTS = ['flipper', 'erc20'] as const

export type ContractName = (typeof CONTRACTS)[number]

const TARGET = 'wasm32v1-none'
/** What a contract may use; the chain refuses code that could ask for more. */
const MEMORY_BYTES = 16 * 65_536
const STACK_BYTES = 65_536

const sha256Text = z.string().regex(/^[0-9a-f]{64}$/)

export const contractsManifest = z.object({
  /** See runtime/sources.ts. */
  sources: sha256Text,
  toolchain: z.record(z.string(), z.string()),
  /** By the contract's name: its file, and the code in it. */
  contracts: z.record(z.enum(CONTRACTS), z.object({ bytes: z.number(), sha256: sha256Text, codeBytes: z.number(), codeHash: z.string() })),
})

export type ContractsManifest = z.infer<typeof contractsManifest>

export function contractPath(name: ContractName): string {
  return join(CONTRACTS_FOLDER, `${name}.contract`)
}

/** The code of all contracts, and the descriptions that they print when they are compiled for this machine. */
async function compile(toolchain: Toolchain): Promise<(name: ContractName) => Promise<{ code: Uint8Array; metadata: object }>> {
  const targetFolder = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? join('.cache', 'contracts'))
  const env = compilerEnvironment(toolchain, targetFolder)
  const cargo = (args: readonly string[], flags?: string): Promise<string> =>
    run('cargo', args, { cwd: CONTRACTS_FOLDER, env: flags === undefined ? env : { ...env, RUSTFLAGS: flags }, stdio: ['ignore', 'pipe', 'inherit'] })
  await cargo(['fetch', '--locked'])
  await step('the code', () => cargo(['build', '--locked', '--release', '--target', TARGET, '-Z', 'build-std=core,alloc', '--workspace', '--lib'], codeFlags()))
  await step('what describes it', () => cargo(['build', '--locked', '--workspace', '--bins', '--features', CONTRACTS.map((name) => `${name}/std`).join(',')]))
  return async (name) => ({
    code: await readFile(join(targetFolder, TARGET, 'release', `${name}.wasm`)),
    metadata: JSON.parse(await run(join(targetFolder, 'debug', `${name}-metadata`), [])) as object,
  })
}

/** The chain gives the memory. A panic ends the call and says nothing, which makes the code a third shorter. */
function codeFlags(): string {
  return [
    `-C linker=${join(CONTRACTS_FOLDER, 'link.sh')} -C linker-flavor=wasm-ld`,
    `-C link-arg=--import-memory -C link-arg=--max-memory=${MEMORY_BYTES} -C link-arg=-zstack-size=${STACK_BYTES}`,
    '-Z unstable-options -C panic=immediate-abort',
    ...pathRemaps(),
  ].join(' ')
}

/** As tools of contracts write it: the description, and the code as text in the middle of it. */
function contractFile(name: ContractName, code: Uint8Array, metadata: object, { versions }: Toolchain): string {
  const source = { hash: toHex(blake2b256(code)), language: 'ink! 5.1.1', compiler: (versions['rustc'] ?? '').split(' ').slice(0, 2).join(' '), wasm: toHex(code) }
  const contract = { name, version: '1.0.0', authors: ['The Nodestead contributors'] }
  return `${JSON.stringify({ source, contract, ...metadata })}\n`
}

if (import.meta.main) {
  main(async () => {
    const toolchain = await findToolchain({ what: 'The contracts', where: 'test/fixtures/contracts' })
    say(`Building contracts with ${toolchain.versions['rustc'] ?? ''}`)
    const before = await readFile(CONTRACTS_MANIFEST, 'utf8').catch(() => undefined)
    const built = await compile(toolchain)
    const contracts = {} as ContractsManifest['contracts']
    for (const name of CONTRACTS) {
      const { code, metadata } = await built(name)
      const file = contractFile(name, code, metadata, toolchain)
      await writeFile(contractPath(name), file)
      contracts[name] = { bytes: file.length, sha256: sha256(Buffer.from(file)), codeBytes: code.length, codeHash: toHex(blake2b256(code)) }
      say(`  ${name}: ${code.length} bytes of code, hash ${contracts[name].codeHash}`)
    }
    const manifest: ContractsManifest = { sources: sourcesHash(CONTRACTS_FOLDER), toolchain: toolchain.versions, contracts }
    await writeFile(CONTRACTS_MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`)
    say(before === (await readFile(CONTRACTS_MANIFEST, 'utf8')) ? '  The same bytes as before.' : '  They differ from what was there before.')
  })
}
