/** The runtime host against what the public networks say: genesis hashes, versions, and the first block of Polkadot. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EMPTY, concatBytes, fromHex, fromUtf8, type Hash } from '../../../node-core/base/bytes.ts'
import { unpackCode } from '../../../node-core/chain/runtime/code/code.ts'
import { decodeVersion } from '../../../node-core/chain/runtime/api/version.ts'
import { HostContext } from '../../../node-core/chain/runtime/host/context.ts'
import { GuestMemory } from '../../../node-core/chain/runtime/guest/guest-memory.ts'
import { createHostFunctions } from '../../../node-core/chain/runtime/host/index.ts'
import { decodeDigest, encodeHeader, splitSeal, type Header } from '../../../node-core/chain/scale/header.ts'
import { genesisRunner, unnumbered } from '../../helpers/runtime-state.ts'

const NETWORKS = [
  { name: 'polkadot', hash: '0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3', spec: 0 },
  { name: 'kusama', hash: '0xb0a8d493285c2df73290dfb7e61f870f17b41801197a149ca93654499ea3dafe', spec: 1020 },
  { name: 'westend', hash: '0xe143f23803ac50e8f6f8e62695d1ce9e4e1d68aa36c1cd2cfd15340213f3423e', spec: 1 },
] as const

describe.each(NETWORKS)('$name', ({ name, hash, spec }) => {
  test('has its genesis hash, and its first runtime answers', () => {
    const { genesis, runner, root } = genesisRunner(name)
    expect(genesis.hash).toBe(hash)
    expect(decodeVersion(runner.version(root))).toMatchObject({ specName: name, specVersion: spec, stateVersion: 0 })
    const metadata = runner.call(root, 'Metadata_metadata', EMPTY)
    expect(fromUtf8(metadata.subarray(4, 8))).toBe('meta')
  })
})

test.each(['polkadot', 'kusama', 'westend', 'dev'] as const)('every function that the runtime of %s imports is there', (name) => {
  const ours = createHostFunctions(new HostContext(new GuestMemory()))
  const module = new WebAssembly.Module(unpackCode(genesisRunner(name).code) as Uint8Array<ArrayBuffer>)
  const imports = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function').map((entry) => entry.name)
  expect(imports.length).toBeGreaterThan(25)
  expect(imports.filter((entry) => !(entry in ours))).toEqual([])
})

interface Vector {
  /** The digest is encoded. */
  readonly header: Omit<Header, 'digest'> & { readonly digest: Hash }
  readonly body: Hash
}

/** Parent hash, number, state root, extrinsics root. */
const ROOTS_END = 32 + 1 + 32 + 32
/** Count of items, tag, engine and length; then type, authority index, slot and VRF output before the proof: 45 bytes. */
const PRE_DIGEST_HEAD = 1 + 1 + 4 + 2
const VECTOR = join(import.meta.dirname, '../../../../shared/vectors/polkadot-block-1.json')

describe.skipIf(!existsSync(VECTOR))(`block 1 of Polkadot (skipped where ${VECTOR} is missing)`, () => {
  const setUp = () => {
    const vector = JSON.parse(readFileSync(VECTOR, 'utf8')) as Vector
    const sealed: Header = { ...vector.header, digest: decodeDigest(fromHex(vector.header.digest)) }
    const header = splitSeal(sealed, 'BABE')!.unsealed
    const { runner, root } = genesisRunner('polkadot')
    const execute = (block: Uint8Array, expected: Hash) => runner.executeBlock(root, block, expected)
    return { header, body: fromHex(vector.body), execute, expected: vector.header.stateRoot }
  }
  const refused = expect.objectContaining({ code: 'RUNTIME_TRAP' }) as Error

  test('leads to its state root, each time it is executed', () => {
    const { header, body, execute, expected } = setUp()
    const block = concatBytes(encodeHeader(header), body)
    const first = execute(block, expected)
    expect(first.stateRoot).toBe(expected)
    expect(first.changedKeys.length).toBeGreaterThan(10)
    expect(unnumbered(execute(block, expected))).toEqual(unnumbered(first))
  })

  test('is refused where any byte of its body is another one', () => {
    const { header, body, execute, expected } = setUp()
    for (let i = 0; i < body.length; i++) {
      const corrupt = body.slice()
      corrupt[i]! ^= 1
      expect(() => execute(concatBytes(encodeHeader(header), corrupt), expected), `byte ${i}`).toThrow(refused)
    }
  })

  test('is refused where a byte of its roots or of its digest is another one', () => {
    const { header, body, execute, expected } = setUp()
    const encoded = encodeHeader(header)
    // Behind the parent hash and the number: two roots, the digest. The VRF proof in it is for consensus alone to judge.
    const proof = { from: ROOTS_END + PRE_DIGEST_HEAD + 45, to: ROOTS_END + PRE_DIGEST_HEAD + 109 }
    for (let i = 33; i < encoded.length; i++) {
      if (i >= proof.from && i < proof.to) continue
      const corrupt = encoded.slice()
      corrupt[i]! ^= 1
      expect(() => execute(concatBytes(corrupt, body), expected), `byte ${i}`).toThrow()
    }
  })

  test('says in the words of the runtime what is wrong with it', () => {
    const { header, body, execute, expected } = setUp()
    const block = concatBytes(encodeHeader({ ...header, extrinsicsRoot: header.parentHash }), body)
    expect(() => execute(block, expected)).toThrow(/Transaction trie root must be valid/)
  })
})
