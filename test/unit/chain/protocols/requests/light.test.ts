import { beforeEach, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Hash } from '../../../../../node-core/base/bytes.ts'
import { blake2b256 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import type { RequestHandler } from '../../../../../node-core/network/contracts.ts'
import { requestCallProof, requestStorage, type KnownState } from '../../../../../node-core/chain/protocols/requests/index.ts'
import {
  MAX_KEYS, decodeLightRequest, encodeLightRequest, encodeLightResponse, type LightRequest,
} from '../../../../../node-core/chain/protocols/requests/light-messages.ts'
import { lightHandler } from '../../../../../node-core/chain/protocols/requests/light.ts'
import { RuntimeError } from '../../../../../node-core/chain/runtime/errors.ts'
import type { ProofOptions, ProvenCall, RuntimeProver } from '../../../../../node-core/chain/runtime/types.ts'
import type { StateService } from '../../../../../node-core/chain/state/state-service.ts'
import { buildTrie } from '../../../../../node-core/chain/trie/build.ts'
import { childRootKey } from '../../../../../node-core/chain/trie/child.ts'
import { generateProof } from '../../../../../node-core/chain/trie/proofs/proof.ts'
import type { Entry } from '../../../../../node-core/chain/trie/types.ts'
import { makeService, temporaryFolder } from '../../state/service-fixture.ts'
import { MapSource } from '../../trie/map-source.ts'
import { NEVER, PEER, answering, ask, expectTypedAnswers, expectTypedErrors, loopback, responseError } from './loopback.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`
const key = (i: number): Uint8Array => blake2b256(Uint8Array.of(i & 255, i >> 8))
const value = (i: number): Uint8Array => new Uint8Array(i).fill(7)
const inChild = buildTrie([[utf8('inner'), utf8('child value')]], 1)
const entries: Entry[] = Array.from({ length: 200 }, (_, i): Entry => [key(i), value(i)])
const main = buildTrie([...entries, [childRootKey(utf8('kid')), inChild.root]], 1)

let state: StateService
let handler: RequestHandler
let block: KnownState
let prove: (method: string, options?: ProofOptions) => Promise<ProvenCall>
let asked: ProofOptions[]

/** Reads in the calling thread, and calls by hand. */
const proverOf = ({ proofs }: StateService): RuntimeProver => ({
  prove: (_root, method, _args, options) => prove(method, options),
  readProof: async (root, keys, options = {}) => {
    asked.push(options)
    try {
      return options.childKey === undefined ? proofs.readProof(root, keys) : proofs.readChildProof(root, options.childKey, keys)
    } catch {
      throw new RuntimeError('RUNTIME_UNKNOWN_STATE', 'gone')
    }
  },
})

beforeEach(async () => {
  asked = []
  const header = { parentHash: ZERO, number: 0, stateRoot: toHex(main.root), extrinsicsRoot: ZERO, digest: [] }
  state = makeService(await temporaryFolder(), { genesis: () => ({ header, nodes: concatBytes(main.nodes, inChild.nodes) }) })
  await state.start()
  block = { hash: state.blocks.genesisHash, stateRoot: header.stateRoot }
  prove = async () => ({ result: Uint8Array.of(1), proof: [Uint8Array.of(1, 2), Uint8Array.of(3)] })
  handler = lightHandler({ blocks: state.blocks, prover: proverOf(state) })
})

describe('a light client request', () => {
  it('has the form that others know', () => {
    const hash = `0x${'ab'.repeat(32)}` as const
    const b = `1220${'ab'.repeat(32)}`
    const requests: [LightRequest, string][] = [
      [{ kind: 'call', block: hash, method: 'M_x', args: Uint8Array.of(5) }, `0x0a2a${b}1a034d5f78220105`],
      [{ kind: 'read', block: hash, keys: [Uint8Array.of(1), Uint8Array.of(2)] }, `0x1228${b}1a01011a0102`],
      [{ kind: 'readChild', block: hash, storageKey: Uint8Array.of(9), keys: [Uint8Array.of(1)] }, `0x2228${b}1a0109320101`],
    ]
    for (const [request, encoded] of requests) {
      expect(toHex(encodeLightRequest(request))).toBe(encoded)
      expect(decodeLightRequest(fromHex(encoded))).toEqual(request)
    }
    expect(toHex(encodeLightResponse('readChild', [Uint8Array.of(1, 2)]))).toBe('0x12061204' + '04080102')
    expect(toHex(encodeLightResponse('call', undefined))).toBe('0x0a00')
  })
})

describe('storage', () => {
  const absent = utf8('absent')

  it('is proven, and its absence, in many keys as in one', async () => {
    expect(await requestStorage(loopback(handler), PEER, block, [key(150), absent])).toEqual([value(150), undefined])
    const all = Array.from({ length: 200 }, (_, i) => key(i))
    expect(await requestStorage(loopback(handler), PEER, block, all)).toEqual(entries.map(([, found]) => found))
  })

  it('of many keys has each node once', async () => {
    const answer = await ask(handler, encodeLightRequest({ kind: 'read', block: block.hash, keys: entries.map(([k]) => k) }))
    const source = new MapSource()
    source.build([...entries, [childRootKey(utf8('kid')), inChild.root]], 1)
    const whole = generateProof(source, main.root, entries.map(([k]) => k))
    const size = whole.reduce((sum, node) => sum + node.length, 0)
    expect(answer.kind === 'response' && answer.bytes.length).toBeLessThan(size + 4 * whole.length + 20)
  })

  it('of a child trie is proven', async () => {
    const keys = [utf8('inner'), absent]
    expect(await requestStorage(loopback(handler), PEER, block, keys, { childKey: utf8('kid') })).toEqual([utf8('child value'), undefined])
    expect(await requestStorage(loopback(handler), PEER, block, keys, { childKey: utf8('nobody') })).toEqual([undefined, undefined])
  })

  it('of a block or a state that is not here, or of no child, cannot be had, which is no fault', async () => {
    const empty = { code: 'RESPONSE_EMPTY', fault: undefined }
    await expect(requestStorage(loopback(handler), PEER, { ...block, hash: ZERO }, [absent])).rejects.toMatchObject(empty)
    const blocks = { header: () => ({ ...state.blocks.header(block.hash)!, stateRoot: ZERO }) }
    const gone = lightHandler({ blocks, prover: proverOf(state) })
    await expect(requestStorage(loopback(gone), PEER, block, [absent])).rejects.toMatchObject(empty)
    const answer = await ask(handler, encodeLightRequest({ kind: 'readChild', block: block.hash, storageKey: utf8('kid'), keys: [absent] }))
    expect(answer).toEqual({ kind: 'response', bytes: fromHex('0x1200') })
    expect(asked).toMatchObject([{ peer: PEER }])
    expect(asked[0]!.maxBytes).toBeLessThan(16 * 1024 * 1024)
  })

  it('that is proven badly is refused', async () => {
    const foreign = buildTrie([[absent, value(3)]], 1)
    const source = new MapSource()
    source.build([[absent, value(3)]], 1)
    const proof = generateProof(source, foreign.root, [absent])
    const call = (bytes: Uint8Array): Promise<unknown> => requestStorage(answering(bytes), PEER, block, [absent])
    await expect(call(encodeLightResponse('read', proof))).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
    await expect(call(encodeLightResponse('read', []))).rejects.toThrow(responseError('RESPONSE_MISMATCH'))
    await expect(call(encodeLightResponse('call', proof))).rejects.toThrow(responseError('RESPONSE_MALFORMED'))
  })
})

describe('a call', () => {
  it('is proven', async () => {
    expect(await requestCallProof(loopback(handler), PEER, block.hash, 'Core_version', new Uint8Array(0))).toEqual([
      Uint8Array.of(1, 2), Uint8Array.of(3),
    ])
  })

  it('that fails cannot be had; what is our fault is not hidden', async () => {
    const call = (): Promise<unknown> => requestCallProof(loopback(handler), PEER, block.hash, 'Nothing', new Uint8Array(0))
    prove = () => Promise.reject(new RuntimeError('RUNTIME_NO_SUCH_API', 'no'))
    await expect(call()).rejects.toMatchObject({ code: 'RESPONSE_EMPTY' })
    prove = () => Promise.reject(new TypeError('a bug'))
    await expect(call()).rejects.toThrow(TypeError)
  })

  it('whose proof is larger than a response cannot be had', async () => {
    prove = async (_method, options) => {
      expect(options).toMatchObject({ peer: PEER })
      throw new RuntimeError('RUNTIME_PROOF_TOO_LARGE', `more than ${options?.maxBytes}`)
    }
    const call = requestCallProof(loopback(handler), PEER, block.hash, 'Big', new Uint8Array(0))
    await expect(call).rejects.toMatchObject({ code: 'RESPONSE_EMPTY' })
  })

  it('of too many at once is refused without blame, and there is room again afterwards', async () => {
    const waiting: (() => void)[] = []
    prove = () => new Promise((resolve) => waiting.push(() => resolve({ result: Uint8Array.of(1), proof: [] })))
    const request = encodeLightRequest({ kind: 'call', block: block.hash, method: 'Slow', args: new Uint8Array(0) })
    const running = Array.from({ length: 64 }, (_, i) => handler.onRequest(`peer ${i % 16}`, request, NEVER))
    expect(await ask(handler, request)).toEqual({ kind: 'refuse' })
    waiting.forEach((finish) => finish())
    expect((await Promise.all(running)).every(({ kind }) => kind === 'response')).toBe(true)
    const next = ask(handler, request)
    waiting.at(-1)?.()
    expect(await next).toMatchObject({ kind: 'response' })
  })
})

describe('hostile input', () => {
  const tooManyKeys = encodeLightRequest({ kind: 'read', block: ZERO, keys: new Array<Uint8Array>(MAX_KEYS + 1).fill(key(1)) })

  it.each([
    ['nothing', '0x'],
    ['a request without a block', '0x12031a0101'],
    ['a request without keys', `0x12221220${'ab'.repeat(32)}`],
    ['a call without a method', `0x0a251220${'ab'.repeat(32)}220105`],
    ['more keys than allowed', toHex(tooManyKeys)],
  ])('%s costs the peer', async (_, hex) => {
    expect(await ask(handler, fromHex(hex))).toMatchObject({ kind: 'refuse', fault: { code: 'bad-request' } })
  })

  it('never does more than that, on either side', async () => {
    const read = encodeLightRequest({ kind: 'read', block: block.hash, keys: [key(3)] })
    const child = encodeLightRequest({ kind: 'readChild', block: block.hash, storageKey: childRootKey(utf8('kid')), keys: [utf8('inner')] })
    const call = encodeLightRequest({ kind: 'call', block: block.hash, method: 'Core_version', args: new Uint8Array(0) })
    await expectTypedAnswers(handler, read, child, call)
    const answer = await handler.onRequest(PEER, read, NEVER)
    const valid = answer.kind === 'response' ? answer.bytes : new Uint8Array(0)
    await expectTypedErrors((sender) => requestStorage(sender, PEER, block, [key(3)]), valid)
    await expectTypedErrors((sender) => requestStorage(sender, PEER, block, [key(3)], { childKey: utf8('kid') }), valid)
  })
})
