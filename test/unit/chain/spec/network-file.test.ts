/** The one door of network files: every bad file gets a sentence about the file, and no letter of its content. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeError } from '../../../../node-core/base/errors.ts'
import { loadChainSpec, readSpec } from '../../../../node-core/chain/spec/load.ts'
import { openNetworkFile } from '../../../../node-core/chain/spec/network-file.ts'
import { parseExact, printExact, type ExactObject } from '../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { checkSignature, withAddition } from '../../../../node-core/chain/spec/signature.ts'
import { readSpecFile } from '../../../../node-core/chain/spec/spec-file.ts'
import { NodeIdentity } from '../../../../node-core/network/host/identity.ts'
import { CHAINS } from '../../../helpers/chain-files.ts'

const CODE = { '0x3a636f6465': '0x0061736d' }
const minimal = { name: 'Test', id: 'test', genesis: { raw: { top: CODE } } }
const identity = new NodeIdentity(new Uint8Array(32).fill(7))
const SECRET = 'bottom drop correct horse battery staple'

function problem(work: () => unknown): string {
  try {
    work()
    return 'no error'
  } catch (error) {
    return describeError(error)
  }
}

function signed(spec: object, addition: object = {}): ExactObject {
  return withAddition(parseExact(JSON.stringify(spec)) as ExactObject, addition, identity)
}

describe('a file that is no network file', () => {
  it.each([
    ['empty', '', 'x.json is empty'],
    ['blank', ' \n\ufeff ', 'x.json is empty'],
    ['a letter', SECRET, 'is not a network file: it is not JSON, or is incomplete'],
    ['cut off', JSON.stringify({ ...minimal, comment: SECRET }).slice(0, -9), 'is incomplete'],
    ['JSON of something else', JSON.stringify({ mnemonic: SECRET }), 'is JSON, but not a network file'],
    ['a list', JSON.stringify([SECRET]), 'is JSON, but not a network file'],
    ['a text', JSON.stringify(SECRET), 'is JSON, but not a network file'],
    ['a specification without a genesis', JSON.stringify({ name: 'Test', id: 'test' }), 'has no usable genesis'],
    ['of a newer version', JSON.stringify({ ...minimal, nodestead: { version: 2, note: SECRET } }), 'was written by a newer version of Nodestead'],
    ['with an addition that is none', JSON.stringify({ ...minimal, nodestead: { version: 1, members: [{ name: SECRET }] } }), 'The list of members in x.json cannot be read'],
    ['an export of a newer version', JSON.stringify({ format: 'nodestead-network', version: 2, note: SECRET }), 'was written by a newer version of Nodestead'],
    ['an export of another kind', JSON.stringify({ format: 'nodestead-network', version: 1, kind: SECRET }), 'describes a kind of network that this version does not support'],
    ['an export without its specification', JSON.stringify({ format: 'nodestead-network', version: 1, chain: { kind: 'custom', specId: SECRET } }), 'was exported without its chain specification'],
  ])('%s', (_what, text, expected) => {
    const said = problem(() => readSpec(text, 'x.json'))
    expect(said).toContain(expected)
    for (const word of SECRET.split(' ').slice(2)) expect(said).not.toContain(word)
  })

  it('says of each field of a specification in plain words what it wants', () => {
    const fields = ['name', 'id', 'chainType', 'bootNodes', 'protocolId', 'forkId', 'properties', 'forkBlocks', 'badBlocks', 'codeSubstitutes']
    for (const field of fields) {
      for (const value of [7, [7], { a: 7 }, true]) {
        const said = problem(() => readSpec(JSON.stringify({ ...minimal, [field]: value }), 'x.json'))
expect(said, `${field} ${JSON.stringify(value)}`).not.toMatch(/Invalid|Too small|received|undefined/)
      }
    }
  })
})

describe('a file on the disk', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-file-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([['missing.json', 'there is no such file'], ['', 'it is a folder']])('"%s": %s', async (name, expected) => {
    await expect(readSpecFile(join(folder, name)).catch((error: unknown) => Promise.reject(new Error(describeError(error))))).rejects.toThrow(expected)
  })

  it('is taken by --chain whatever its form: a specification, an invitation, an export of before', async () => {
    const path = join(folder, 'ours.json')
    const load = () => loadChainSpec(path, { chainsPath: CHAINS })
    await writeFile(path, printExact(signed(minimal, { addresses: [] }), 2))
    expect(await load()).toMatchObject({ id: 'test' })
    await writeFile(path, JSON.stringify({ format: 'nodestead-network', version: 1, kind: 'chain', chain: { kind: 'custom' }, settings: { role: 'validator' }, chainSpec: minimal }))
    expect(await load()).toMatchObject({ id: 'test' })
    await writeFile(path, JSON.stringify({ format: 'nodestead-network', version: 1, chain: { kind: 'known', name: 'westend' }, settings: {} }))
    expect(await load()).toMatchObject({ id: 'westend2' })
  })
})

describe('the signature', () => {
  it('holds whatever the file is laid out like, and for numbers of any size', () => {
    const text = `{"name":"Big","id":"big","genesis":{"raw":{"top":${JSON.stringify(CODE)}}},"properties":{"supply":340282366920938463463374607431768211455}}`
    const json = withAddition(parseExact(text) as ExactObject, { addresses: ['/ip4/192.0.2.1/tcp/30333'] }, identity)
    const shuffled = Object.fromEntries(Object.entries(json).reverse())
    for (const layout of [printExact(json), printExact(shuffled, 4)]) {
      expect(layout).toContain('340282366920938463463374607431768211455')
      expect(openNetworkFile(layout, 'x.json')).toMatchObject({ addition: { by: { peerId: identity.peerId } } })
    }
  })

  it.each([
    ['an address', (json: ExactObject) => ({ ...json, bootNodes: ['/ip4/203.0.113.9/tcp/1'] })],
    ['a digit of a balance', (json: ExactObject) => ({ ...json, properties: { supply: 2 } })],
    ['who signed', (json: ExactObject) => ({ ...json, nodestead: { ...(json['nodestead'] as ExactObject), by: { peerId: new NodeIdentity(new Uint8Array(32).fill(8)).peerId } } })],
    ['a member that is added', (json: ExactObject) => ({ ...json, nodestead: { ...(json['nodestead'] as ExactObject), members: [] } })],
    ['that nobody is named', (json: ExactObject) => ({ ...json, nodestead: Object.fromEntries(Object.entries(json['nodestead'] as ExactObject).filter(([key]) => key !== 'by')) })],
  ])('does not hold where %s is another', (_what, change) => {
    const json = signed({ ...minimal, properties: { supply: 1 } })
    expect(problem(() => readSpec(printExact(json), 'x.json'))).toBe('no error')
    expect(problem(() => readSpec(printExact(change(json)), 'x.json'))).toContain('x.json was changed after it was signed')
  })

  it('is told apart from none', () => {
    const unsigned = withAddition(parseExact(JSON.stringify(minimal)) as ExactObject, {}, undefined)
    expect(checkSignature(unsigned, {})).toBe('none')
    expect(problem(() => readSpec(printExact(unsigned), 'x.json'))).toBe('no error')
  })
})
