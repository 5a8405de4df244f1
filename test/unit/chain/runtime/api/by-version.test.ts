/** Typed calls take the form that the version of their API has. */
import { describe, expect, it } from 'vitest'
import { EMPTY, concatBytes, toHex, utf8, type Hash } from '../../../../../node-core/base/bytes.ts'
import { accountNonce } from '../../../../../node-core/chain/runtime/api/account-nonce.ts'
import { BABE_API, babeConfiguration } from '../../../../../node-core/chain/core/engines/babe/runtime-api.ts'
import { apiId, byVersion, type ApiCaller, type ApiName } from '../../../../../node-core/chain/runtime/api/by-version.ts'
import { metadataAtVersion } from '../../../../../node-core/chain/runtime/api/metadata.ts'
import { PaymentQueries } from '../../../../../node-core/chain/runtime/api/payment.ts'
import { decodeGeneratedSessionKeys, encodeGenerateSessionKeys } from '../../../../../node-core/chain/runtime/api/session-keys.ts'
import { validateTransaction } from '../../../../../node-core/chain/runtime/api/validity.ts'
import { RuntimeError } from '../../../../../node-core/chain/runtime/errors.ts'
import type { CallOptions, RuntimeVersion } from '../../../../../node-core/chain/runtime/types.ts'
import { decodeHeader } from '../../../../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'

const ROOT: Hash = `0x${'01'.repeat(32)}`
const BLOCK = { hash: `0x${'bb'.repeat(32)}`, number: 7 } as const
const KEY = `0x${'cc'.repeat(32)}` as const

interface Call {
  readonly method: string
  readonly args: string
  readonly begin: Uint8Array | undefined
}

/** A runtime with these versions of its APIs, which answers as it is told. */
function runtime(apis: Partial<Record<ApiName | 'BabeApi', number>>, answers: Readonly<Record<string, (args: Uint8Array) => Uint8Array>>): ApiCaller & { readonly calls: Call[] } {
  const calls: Call[] = []
  const version: RuntimeVersion = {
    specName: 'old', implName: 'old', authoringVersion: 0, specVersion: 12, implVersion: 0, transactionVersion: 1, stateVersion: 0, systemVersion: 0,
    apis: Object.entries(apis).map(([name, number]) => [apiId(name), number]),
  }
  return {
    calls,
    version: async () => version,
    call: async (_root, method, args, options: CallOptions = {}) => {
      calls.push({ method, args: toHex(args), begin: options.begin })
      const answer = answers[method]
      if (answer === undefined) throw new RuntimeError('RUNTIME_NO_SUCH_API', `this runtime has no function ${method}`)
      return answer(args)
    },
  }
}

const VALIDATE = 'TaggedTransactionQueue_validate_transaction'
const stale = () => Uint8Array.of(1, 0, 3)
const extrinsic = Uint8Array.of(8, 4, 1)

describe('a transaction is validated', () => {
  const validate = (caller: ApiCaller) => validateTransaction(caller, ROOT, BLOCK, 'external', extrinsic)

  it('with its source and the block by version 3', async () => {
    const caller = runtime({ TaggedTransactionQueue: 3 }, { [VALIDATE]: stale })
    expect(await validate(caller)).toMatchObject({ kind: 'invalid', reason: 'Stale' })
    expect(caller.calls).toEqual([{ method: VALIDATE, args: `0x02080401${'bb'.repeat(32)}`, begin: undefined }])
  })

  it.each([[2, '0x02080401'], [1, '0x080401']])('in a block that is begun by version %i', async (version, args) => {
    const caller = runtime({ TaggedTransactionQueue: version }, { [VALIDATE]: stale })
    expect(await validate(caller)).toMatchObject({ kind: 'invalid', reason: 'Stale' })
    expect(caller.calls.map((call) => call.args)).toEqual([args])
    expect(decodeHeader(caller.calls[0]?.begin ?? EMPTY)).toMatchObject({ parentHash: BLOCK.hash, number: 8, digest: [] })
  })

  it('not at all by a runtime that has no such API', async () => {
    await expect(validate(runtime({}, {}))).rejects.toMatchObject({ code: 'RUNTIME_NO_SUCH_API', message: 'the runtime old 12 does not have the API TaggedTransactionQueue' })
  })
})

describe('the BABE configuration', () => {
  const configuration = (slots: number): Uint8Array =>
    new ScaleWriter().u64(6000).u64(600).u64(1).u64(4).vec([KEY], (writer, key) => writer.hash(key).u64(1)).hash(KEY).u8(slots).finish()

  it.each([
    [1, 0, 'none'], [1, 1, 'plain'], [2, 0, 'none'], [2, 1, 'plain'], [2, 2, 'vrf'],
  ])('of version %i with %i has secondary slots %s', async (version, slots, kind) => {
    const caller = runtime({ BabeApi: version }, { BabeApi_configuration: () => configuration(slots) })
    expect(await babeConfiguration(caller, ROOT)).toMatchObject({ secondarySlots: kind, epochLength: 600 })
  })

  it.each([[1, 2], [2, 3]])('of version %i does not take %i', async (version, slots) => {
    const caller = runtime({ BabeApi: version }, { BabeApi_configuration: () => configuration(slots) })
    await expect(babeConfiguration(caller, ROOT)).rejects.toMatchObject({ code: 'SCALE_INVALID' })
  })
})

describe('session keys', () => {
  it('are asked for without an owner by version 1, and with one since', () => {
    expect(toHex(encodeGenerateSessionKeys(1, utf8('owner')))).toBe('0x00')
    expect(toHex(encodeGenerateSessionKeys(2, EMPTY))).toBe('0x0000')
    expect(toHex(encodeGenerateSessionKeys(2, utf8('own')))).toBe('0x0c6f776e00')
    expect(toHex(encodeGenerateSessionKeys(3, utf8('own')))).toBe('0x0c6f776e00')
  })

  it('come with a proof since version 2', () => {
    const [keys, proof] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    expect(decodeGeneratedSessionKeys(1, new ScaleWriter().bytes(keys).finish())).toEqual({ keys, proof: undefined })
    expect(decodeGeneratedSessionKeys(2, new ScaleWriter().bytes(keys).bytes(proof).finish())).toEqual({ keys, proof })
    expect(() => decodeGeneratedSessionKeys(1, new ScaleWriter().bytes(keys).bytes(proof).finish())).toThrow(expect.objectContaining({ code: 'RUNTIME_BAD_RESULT' }))
  })
})

describe('metadata', () => {
  const bytes = (text: string) => new ScaleWriter().bytes(utf8(text)).finish()
  const answers = {
    Metadata_metadata: () => bytes('meta 14'),
    Metadata_metadata_at_version: (args: Uint8Array) => (args[0] === 15 ? concatBytes(Uint8Array.of(1), bytes('meta 15')) : Uint8Array.of(0)),
  }

  it('is the first version of those wanted that the runtime has', async () => {
    expect(await metadataAtVersion(runtime({ Metadata: 2 }, answers), ROOT, [16, 15, 14])).toEqual(utf8('meta 15'))
    expect(await metadataAtVersion(runtime({ Metadata: 2 }, answers), ROOT, [16])).toEqual(utf8('meta 14'))
  })

  it('is what there is where the runtime cannot be asked', async () => {
    const caller = runtime({ Metadata: 1 }, answers)
    expect(await metadataAtVersion(caller, ROOT, [16, 15])).toEqual(utf8('meta 14'))
    expect(caller.calls.map(({ method }) => method)).toEqual(['Metadata_metadata'])
  })
})

describe('what a transaction costs', () => {
  const tail = new ScaleWriter().u8(1).u128(9n).finish()
  const info = (weight: Uint8Array, version: number, described = '') =>
    new PaymentQueries(
      runtime({ TransactionPaymentApi: version }, { TransactionPaymentApi_query_info: () => concatBytes(weight, tail), Metadata_metadata: () => utf8(described) }),
    ).info(ROOT, EMPTY)

  it.each([
    ['a number of 32 bits', new ScaleWriter().u32(4_000_000_002).finish(), 1, '', 4_000_000_002],
    ['a number of 64 bits', new ScaleWriter().u64(5_000_000_000n).finish(), 1, '', 5_000_000_000],
    ['more than fits', new ScaleWriter().u64((1n << 64n) - 1n).finish(), 1, '', 2 ** 64],
    ['a structure around a number', new ScaleWriter().u64(5_000_000_000n).finish(), 1, 'weight_v2 ref_time', { refTime: 5_000_000_000, proofSize: undefined }],
    ['a structure of one compact integer', new ScaleWriter().compact(5_000_000_000).finish(), 1, 'weight_v2 ref_time', { refTime: 5_000_000_000, proofSize: undefined }],
    ['a structure of two that came before its version', new ScaleWriter().compact(1_000_000).compact(20_000).finish(), 1, 'weight_v2 proof_size', { refTime: 1_000_000, proofSize: 20_000 }],
    ['a structure of two', new ScaleWriter().compact(1).compact(2).finish(), 2, '', { refTime: 1, proofSize: 2 }],
    ['a structure of two of the newest version', new ScaleWriter().compact(1).compact(2).finish(), 4, '', { refTime: 1, proofSize: 2 }],
    ['a structure of one', new ScaleWriter().compact(125_000_000).finish(), 2, '', { refTime: 125_000_000, proofSize: undefined }],
  ] as const)('with a weight that is %s', async (_, weight, version, described, expected) => {
    expect(await info(weight, version, described)).toEqual({ weight: expected, class: 'operational', partialFee: 9n })
  })
})

it('a nonce has 32 bits, or 64', async () => {
  const nonce = (answer: Uint8Array) => accountNonce(runtime({}, { AccountNonceApi_account_nonce: () => answer }), ROOT, EMPTY)
  expect(await nonce(new ScaleWriter().u32(7).finish())).toBe(7)
  expect(await nonce(new ScaleWriter().u64(8n).finish())).toBe(8)
  await expect(nonce(Uint8Array.of(1))).rejects.toMatchObject({ code: 'SCALE_TOO_SHORT' })
})

describe('a version that is newer than this node', () => {
  const caller = runtime({ BabeApi: 3 }, {})

  it('is called in the newest form that is known', async () => {
    expect(await byVersion(caller, ROOT, BABE_API, (version) => version)).toBe(3)
  })

  it('is named where that form does not do', async () => {
    const trap = () => Promise.reject(new RuntimeError('RUNTIME_TRAP', 'it trapped'))
    await expect(byVersion(caller, ROOT, BABE_API, trap)).rejects.toMatchObject({
      code: 'RUNTIME_TRAP',
      message: 'it trapped (the runtime old 12 has version 3 of BabeApi, this node knows versions up to 2)',
      hint: expect.stringContaining('newer version of this program') as string,
    })
    await expect(byVersion(caller, ROOT, BABE_API, () => Promise.reject(new RuntimeError('RUNTIME_TIMEOUT', 'too slow')))).rejects.toMatchObject({ message: 'too slow' })
  })
})
