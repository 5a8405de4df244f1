/** The shipped contracts are what their manifest says, and what their sources make. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CONTRACTS, CONTRACTS_FOLDER, CONTRACTS_MANIFEST, contractPath, contractsManifest } from '../../../build/contracts.ts'
import { sha256 } from '../../../build/runtime/manifest.ts'
import { sourceFiles, sourcesHash } from '../../../build/runtime/sources.ts'
import { fromHex, toHex, type Hex } from '../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../node-core/crypto/hashes/hashing.ts'

const manifest = contractsManifest.parse(JSON.parse(readFileSync(CONTRACTS_MANIFEST, 'utf8')))

it('the sources are those that the contracts were built from: after a change, npm run build:contracts', () => {
  expect(sourceFiles(CONTRACTS_FOLDER)).toEqual(expect.arrayContaining(['Cargo.lock', 'Cargo.toml', 'erc20/lib.rs', 'flipper/lib.rs', 'link.sh']))
  expect(sourcesHash(CONTRACTS_FOLDER)).toBe(manifest.sources)
})

describe.each(CONTRACTS)('%s', (name) => {
  const file = readFileSync(contractPath(name))
  const { source, version } = JSON.parse(file.toString()) as { source: { hash: Hex; wasm: Hex }; version: number }
  const code = fromHex(source.wasm)

  it('is what the manifest says', () => {
    const codeHash = toHex(blake2b256(code))
    expect({ bytes: file.length, sha256: sha256(file), codeBytes: code.length, codeHash }).toEqual(manifest.contracts[name])
    expect([source.hash, version]).toEqual([codeHash, 5])
  })

  it('exports its two entries alone, and takes its memory from the chain', () => {
    const module = new WebAssembly.Module(Uint8Array.from(code))
    expect(WebAssembly.Module.exports(module).map((entry) => entry.name).toSorted()).toEqual(['call', 'deploy'])
    expect(WebAssembly.Module.imports(module).filter(({ kind }) => kind !== 'function').map((entry) => `${entry.module}.${entry.name}`)).toEqual(['env.memory'])
  })

  it('holds no path of the machine that built it', () => {
    expect(Buffer.from(code).toString('latin1').match(/\/(home|root|Users|work|tmp|build)\/[\w./-]*/g) ?? []).toEqual([])
  })
})
