/** Elliptic curves: results of another implementation, and what it says of bad input. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../../../node-core/base/bytes.ts'
import { loadLateFunctions } from '../../../../../node-core/chain/runtime/host/late-functions.ts'
import { HostBench } from '../../../../helpers/host-functions.ts'
import { testRunner } from '../../../../helpers/runtime-state.ts'
import { op, spanOf, wasmModule, type WasmImport } from '../../../../helpers/wasm-module.ts'

interface Vectors {
  readonly groups: readonly { readonly function: string; readonly a: string; readonly b: string; readonly out: string }[]
  readonly pairings: readonly { readonly g1: string; readonly g2: string; readonly miller: string; readonly final: string }[]
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../fixtures/elliptic-curves.json'), 'utf8')) as Vectors
const bytes = (digits: string): Uint8Array => fromHex(`0x${digits}`)

const MUL: WasmImport = { name: 'ext_host_calls_pallas_mul_version_1', params: ['i64', 'i64', 'i64'], results: ['i32'] }
const code = wasmModule({ imports: [MUL], entries: { calls: { body: [...spanOf(0, 0), ...spanOf(0, 0), ...spanOf(0, 0), ...op.call(0), ...op.drop, ...spanOf(0, 0)] } } })

test('a runtime that calls one before they are loaded ends with an error that says so', async () => {
  const thread = new Worker(new URL('../../../../helpers/unloaded-curves-thread.ts', import.meta.url), { workerData: code })
  try {
    expect(await once(thread, 'message')).toEqual(['RUNTIME_FUNCTIONS_NOT_LOADED'])
  } finally {
    await thread.terminate()
  }
})

describe('loaded', () => {
  beforeAll(loadLateFunctions)

  /** The number that is returned, and what stands in the buffer. */
  function run(name: string, a: Uint8Array, b: Uint8Array, room: number): [number, string] {
    const host = new HostBench()
    const out = host.memory.giveSpan(new Uint8Array(room).fill(0xee))
    return [host.run(`host_calls_${name}_version_1`, a, b, out) as number, toHex(host.memory.view(out)).slice(2)]
  }

  test('a runtime that calls one gets it', () => {
    const { runner, root } = testRunner(code)
    expect(runner.call(root, 'calls', new Uint8Array(0))).toHaveLength(0)
  })

  test.each(vectors.groups.map((vector, i) => [`${vector.function} ${i}`, vector] as const))('%s', (_, { function: name, a, b, out }) => {
    expect(run(name, bytes(a), bytes(b), out.length / 2)).toEqual([0, out])
  })

  test('the halves of the pairing, each by itself', () => {
    for (const { g1, g2, miller, final } of vectors.pairings) {
      expect(run('bls12_381_multi_miller_loop', bytes(g1), bytes(g2), 576)).toEqual([0, miller])
      const host = new HostBench()
      const inOut = host.memory.giveSpan(bytes(miller))
      expect(host.run('host_calls_bls12_381_final_exponentiation_version_1', inOut)).toBe(0)
      expect(toHex(host.memory.view(inOut)).slice(2)).toBe(final)
    }
  })

  describe('bad input', () => {
    const sum = vectors.groups.find(({ function: name, a }) => name === 'bls12_381_msm_g1' && a.startsWith('02'))!
    const product = vectors.groups.find(({ function: name }) => name === 'pallas_mul')!

    test('a buffer that is too small is 1, one that is too large has zeros behind the result', () => {
      expect(run(sum.function, bytes(sum.a), bytes(sum.b), 95)).toEqual([1, '00'.repeat(95)])
      expect(run(sum.function, bytes(sum.a), bytes(sum.b), 98)).toEqual([0, `${sum.out}0000`])
    })

    test('what does not decode is 2', () => {
      const undecodable: [number, string] = [2, '00'.repeat(96)]
      expect(run(sum.function, bytes(sum.a).subarray(0, 100), bytes(sum.b), 96)).toEqual(undecodable)
      // Compressed; infinity with a coordinate; a coordinate beyond the field; a scalar beyond the order.
      expect(run(sum.function, bytes(sum.a).with(8, 0x80), bytes(sum.b), 96)).toEqual(undecodable)
      expect(run(sum.function, bytes(sum.a).with(8, 0x40), bytes(sum.b), 96)).toEqual(undecodable)
      expect(run(sum.function, bytes(sum.a).fill(0xff, 9, 56).with(8, 0x1f), bytes(sum.b), 96)).toEqual(undecodable)
      expect(run(sum.function, bytes(sum.a), bytes(sum.b).fill(0xff, 8, 40), 96)).toEqual(undecodable)
      expect(run(product.function, bytes(product.a).with(64, 0xc0), bytes(product.b), 65)).toEqual([2, '00'.repeat(65)])
      expect(run('pallas_msm', new Uint8Array(8).fill(0xff), new Uint8Array(8), 65)).toEqual([2, '00'.repeat(65)])
    })

    test('more points than scalars are 3', () => {
      expect(run(sum.function, bytes(sum.a), new Uint8Array(8), 96)).toEqual([3, '00'.repeat(96)])
    })

    test('zero has no final exponentiation, and stays', () => {
      const host = new HostBench()
      const inOut = host.memory.giveSpan(new Uint8Array(576))
      expect(host.run('host_calls_bls12_381_final_exponentiation_version_1', inOut)).toBe(255)
      expect(host.run('host_calls_bls12_381_final_exponentiation_version_1', new Uint8Array(575))).toBe(2)
    })
  })
})
