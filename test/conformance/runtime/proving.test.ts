/** Execution proofs of a real runtime: whoever has the code and the proof comes to the same result, and needs all of it. */
import { beforeAll, expect, test } from 'vitest'
import { EMPTY, concatBytes, fromHex, toBinaryString, toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b256 } from '../../../node-core/crypto/hashes/hashing.ts'
import { NodePacker } from '../../../node-core/chain/trie/nodes/packed-nodes.ts'
import { generateProof } from '../../../node-core/chain/trie/proofs/proof.ts'
import { MemoryNodes, genesisRunner, runnerOn } from '../../helpers/runtime-state.ts'

let network: ReturnType<typeof genesisRunner>

beforeAll(() => {
  network = genesisRunner('dev')
})

function lightRunner(nodes: readonly Uint8Array[]): ReturnType<typeof runnerOn>['runner'] {
  const code = generateProof(network.nodes, fromHex(network.root), [utf8(':code'), utf8(':heappages')])
  const packer = new NodePacker()
  for (const node of [...nodes, ...code]) packer.add(blake2b256(node), node)
  const source = new MemoryNodes()
  source.add(packer.finish())
  return runnerOn(source).runner
}

const alice = devAccount('//Alice').sr25519.publicKey

test.each([
  ['AccountNonceApi_account_nonce', alice],
  ['BabeApi_configuration', EMPTY],
  ['GrandpaApi_grandpa_authorities', EMPTY],
  ['Metadata_metadata', EMPTY],
  // Changes the state, and computes a root: the way to everything that it writes is needed.
  ['Core_initialize_block', concatBytes(new Uint8Array(32), Uint8Array.of(4), new Uint8Array(64), Uint8Array.of(0))],
])('%s can be repeated from its proof alone', (method, args) => {
  const { result, proof } = network.runner.prove(network.root, method, args)
  expect(result).toEqual(network.runner.call(network.root, method, args))
  expect(new Set(proof.map((node) => toBinaryString(blake2b256(node)))).size).toBe(proof.length)
  expect(proof.some((node) => node.length > 100_000)).toBe(false)
  expect(lightRunner(proof).call(network.root, method, args)).toEqual(result)
})

test('a call that the runtime does not know is proven to be unknown', () => {
  const { result, proof } = network.runner.prove(network.root, 'ParachainHost_validators', EMPTY)
  expect(result).toBeUndefined()
  expect(proof.map((node) => toHex(blake2b256(node)))).toContain(network.root)
  expect(() => lightRunner(proof).call(network.root, 'ParachainHost_validators', EMPTY)).toThrow(expect.objectContaining({ code: 'RUNTIME_NO_SUCH_API' }))
})

test('a proof is the same whatever the runner remembers, and none of it is superfluous', () => {
  const prove = (): readonly Uint8Array[] => network.runner.prove(network.root, 'AccountNonceApi_account_nonce', alice).proof
  const proof = prove()
  expect(prove()).toEqual(proof)
  // The way to `:code` is proven apart and shares the upper nodes.
  const shared = generateProof(network.nodes, fromHex(network.root), [utf8(':code'), utf8(':heappages')]).map(toBinaryString)
  const own = proof.filter((node) => !shared.includes(toBinaryString(node)))
  expect(own.length).toBeGreaterThan(0)
  for (const left of own) {
    const rest = lightRunner(proof.filter((node) => node !== left))
    expect(() => rest.call(network.root, 'AccountNonceApi_account_nonce', alice)).toThrow(
      expect.objectContaining({ code: 'RUNTIME_UNKNOWN_STATE' }),
    )
  }
})
