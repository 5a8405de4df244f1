/** Code that stands in for a chain's own, and code that takes effect with the next block. */
import { expect, test } from 'vitest'
import { EMPTY, toBinaryString, utf8 } from '../../../../node-core/base/bytes.ts'
import { twox128 } from '../../../../node-core/crypto/hashes/hashing.ts'
import { decodeVersion, encodeVersion } from '../../../../node-core/chain/runtime/api/version.ts'
import type { CodeSubstitution } from '../../../../node-core/chain/runtime/code/code-substitutes.ts'
import { MemoryNodes, addState, runnerOn } from '../../../helpers/runtime-state.ts'
import { spanOf, wasmModule } from '../../../helpers/wasm-module.ts'

const NUMBER = toBinaryString(twox128(utf8('System'))) + toBinaryString(twox128(utf8('Number')))
const CORE = ['0xdf6acb689907609b', 4] as const

/** A runtime that answers with its name. */
function runtime(name: string, specVersion: number): Uint8Array {
  const version = { specName: 'hand', implName: name, authoringVersion: 1, specVersion, implVersion: 0, apis: [CORE], transactionVersion: 1, systemVersion: 1, stateVersion: 1 } as const
  const encoded = encodeVersion(version)
  const at = 64 + name.length
  return wasmModule({
    data: { offset: 64, bytes: Uint8Array.from([...utf8(name), ...encoded]) },
    entries: { which: { body: spanOf(64, name.length) }, Core_version: { body: spanOf(at, encoded.length) } },
  })
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer)
}

interface At {
  readonly number?: number | undefined
  readonly code?: Uint8Array
  readonly more?: Readonly<Record<string, Uint8Array>>
}

/** What runs on the state of a block, and which version it says it is. */
function ask(substitutes: CodeSubstitution['substitutes'], { number, code = runtime('own', 7), more = {} }: At, isGenesis = false): readonly [string, string] {
  const nodes = new MemoryNodes()
  const root = addState(nodes, { ':code': code, ...(number === undefined ? {} : { [NUMBER]: u32(number) }), ...more }, 1)
  const { runner } = runnerOn(nodes, { substitutes, genesisStateRoot: isGenesis ? root : '0x' })
  return [Buffer.from(runner.call(root, 'which', EMPTY)).toString(), decodeVersion(runner.version(root)).implName]
}

const substitutes = [
  { block: 100, specVersion: 7, code: runtime('first', 7) },
  { block: 200, specVersion: 7, code: runtime('second', 7) },
  { block: 50, specVersion: 9, code: runtime('later', 9) },
]

test.each([
  [undefined, 'own'], [0, 'own'], [99, 'own'], [100, 'first'], [199, 'first'], [200, 'second'], [4_000_000_000, 'second'],
])('the state of block %s runs %s', (number, name) => {
  expect(ask(substitutes, { number })).toEqual([name, name])
})

test('a substitute ends with the version that it stands in for', () => {
  expect(ask(substitutes, { number: 300, code: runtime('own', 8) })).toEqual(['own', 'own'])
  expect(ask(substitutes, { number: 300, code: runtime('own', 9) })).toEqual(['later', 'later'])
})

test('the genesis block has the number 0, whatever its state was copied from', () => {
  expect(ask(substitutes, { number: 150 }, true)).toEqual(['own', 'own'])
  expect(ask([{ ...substitutes[0]!, block: 0 }], { number: 150 }, true)).toEqual(['first', 'first'])
})

test('blocks run on the code that is pending, questions do not', () => {
  const nodes = new MemoryNodes()
  const root = addState(nodes, { ':code': runtime('own', 7), ':pending_code': runtime('next', 8) }, 1)
  const { runner } = runnerOn(nodes)
  const which = (offchain: Parameters<typeof runner.execution>[1]) => Buffer.from(runner.execution(root, offchain).call('which', EMPTY)).toString()
  expect(which(undefined)).toBe('next')
  expect(Buffer.from(runner.call(root, 'which', EMPTY)).toString()).toBe('own')
  expect(decodeVersion(runner.version(root)).implName).toBe('own')
})
