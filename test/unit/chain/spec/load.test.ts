import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeError } from '../../../../node-core/base/errors.ts'
import { buildGenesis } from '../../../../node-core/chain/spec/genesis.ts'
import { loadChainSpec, parseChainSpec, readSpec } from '../../../../node-core/chain/spec/load.ts'
import { printSpec } from '../../../../node-core/chain/spec/print.ts'
import { CHAINS, readChainFile } from '../../../helpers/chain-files.ts'

const CODE = { '0x3a636f6465': '0x0061736d' }
const HASH = `0x${'aa'.repeat(32)}`
const minimal = { name: 'Test', id: 'test', genesis: { raw: { top: CODE } } }

async function problemOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => describeError(error),
  )
}

describe('loadChainSpec', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-spec-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const load = (name: string) => loadChainSpec(name, { chainsPath: folder })

  it('finds known networks by any of their names, others by path', async () => {
    await writeFile(join(folder, 'dev.json'), JSON.stringify({ ...minimal, id: 'dev' }))
    expect((await load('development')).id).toBe('dev')
    const path = join(folder, 'own.json')
    await writeFile(path, JSON.stringify(minimal))
    expect(await load(path)).toMatchObject({ id: 'test', chainType: 'Live', bootNodes: [] })
  })

  it('says which file is missing and what can be given instead', async () => {
    const problem = await problemOf(load(join(folder, 'nowhere.json')))
    expect(problem).toContain('nowhere.json cannot be read: there is no such file.')
    expect(problem).toContain('dev, local, polkadot')
  })

  it('says so where the installation lacks a known network', async () => {
    expect(await problemOf(load('kusama'))).toContain('The installation is incomplete')
  })

  it('says so where a folder is given', async () => {
    expect(await problemOf(load(folder))).toContain('it is a folder')
  })
})

describe('a genesis that the runtime makes', () => {
  const nowhere = new URL('file:///nowhere/worker.js')
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-made-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('came with the app for the networks that ship with it: a start makes none', async () => {
    for (const name of ['dev', 'local']) {
      const spec = await loadChainSpec(name, { chainsPath: CHAINS, genesisWorkerUrl: nowhere })
      expect(buildGenesis(spec).hash).toBe(buildGenesis(readChainFile(name as 'dev' | 'local')).hash)
    }
  })

  it('is made once for a file, and kept with its data until the file says something else', async () => {
    const path = join(folder, 'own.json')
    const written = readSpec(await readFile(join(CHAINS, 'dev.json'), 'utf8'), 'dev.json')
    const text = printSpec({ ...written, id: 'own' }, path)
    await writeFile(path, text)
    const load = (more: object = {}) => loadChainSpec(path, { chainsPath: CHAINS, basePath: folder, ...more })
    const { hash } = buildGenesis(await load())
    expect(buildGenesis(await load({ genesisWorkerUrl: nowhere })).hash).toBe(hash)
    await writeFile(path, text.replace('"balances": {', '"settings": { "epochLength": 42 },\n        "balances": {'))
    await expect(load({ genesisWorkerUrl: nowhere })).rejects.toThrow(/cannot be built: the thread that makes it/)
    const changed = buildGenesis(await load()).hash
    expect(changed).not.toBe(hash)
    expect(buildGenesis(await load({ genesisWorkerUrl: nowhere })).hash).toBe(changed)
  })
})

describe('parseChainSpec', () => {
  const problem = (value: unknown) => {
    try {
      parseChainSpec(typeof value === 'string' ? value : JSON.stringify(value), 'x.json')
      return 'no error'
    } catch (error) {
      return describeError(error)
    }
  }

  it.each([
    ['{ "name": ', 'x.json is not a network file: it is not JSON'],
    [{ ...minimal, id: '../../etc' }, 'id: expected 1 to 64 letters'],
    [{ ...minimal, genesis: undefined }, 'the field "genesis" is missing'],
    [{ ...minimal, genesis: { stateRootHash: '0x00' } }, 'genesis.stateRootHash: expected the root of a state: 0x and 64 hexadecimal digits'],
    [{ ...minimal, genesis: { stateRootHash: HASH, raw: { top: CODE } } }, 'genesis: it has several forms (raw, stateRootHash)'],
    [{ ...minimal, lightSyncState: 'later' }, 'lightSyncState: expected an object'],
    [{ ...minimal, lightSyncState: { finalizedBlockHeader: '0x00', grandpaAuthoritySet: '0x00' } }, 'lightSyncState.finalizedBlockHeader: it cannot be decoded'],
    [{ ...minimal, genesis: { runtime: {} } }, 'it uses the format from before 2024 (genesis.runtime), which only the program that wrote it can read'],
    [{ ...minimal, genesis: { raw: { top: {} } } }, 'the key :code (0x3a636f6465) is missing'],
    [{ ...minimal, genesis: { raw: { top: { '0x3a636f6465': 'zz' } } } }, 'genesis.raw.top.0x3a636f6465: expected an even number'],
    [{ ...minimal, bootNodes: 'none' }, 'bootNodes'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0x123': '0x' } } } }, 'genesis.raw.top.0x123: expected an even number'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0X12': '0x' } } } }, 'genesis.raw.top.0X12: expected an even number'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0x12': 18 } } } }, 'genesis.raw.top.0x12: expected an even number'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0x12': null } } } }, 'genesis.raw.top.0x12: expected an even number'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0xab': '0x01', '0xAB': '0x02' } } } }, 'genesis.raw.top.0xAB: the same key stands here twice'],
    [{ ...minimal, genesis: { raw: { top: null } } }, 'genesis.raw.top: expected an object'],
    [{ ...minimal, genesis: { raw: null } }, 'genesis.raw.top: expected an object'],
    [{ ...minimal, genesis: { raw: { top: CODE, childrenDefault: { '0x61': '0x00' } } } }, 'genesis.raw.childrenDefault.0x61: expected an object'],
    [{ ...minimal, genesis: { raw: { top: CODE, childrenDefault: { '0x61': { zz: '0x00' } } } } }, 'genesis.raw.childrenDefault.0x61.zz: expected an even number'],
    [{ ...minimal, genesis: { raw: { top: CODE, children: { '0x61': {} } } } }, 'genesis.raw.children: this part of a raw genesis is not known'],
    [{ ...minimal, genesis: { raw: [CODE, { '0x61': { data: {} } }] } }, 'genesis.raw.1: this part of a raw genesis is not known'],
    [{ ...minimal, genesis: { raw: { top: CODE }, runtime: {} } }, 'genesis: it has several forms (raw, runtime)'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0x3A6368696C645F73746F726167653A64656661756C743A61': '0x00' } } } }, 'child storage does not belong here: put its entries under childrenDefault'],
    [{ ...minimal, genesis: { raw: { top: { ...CODE, '0x3a6368696c645f73746f726167653a': '0x00' } } } }, 'child storage does not belong here'],
    [{ ...minimal, forkBlocks: [['5', HASH]] }, 'forkBlocks.0.0: expected the number of a block'],
    [{ ...minimal, forkBlocks: [[1.5, HASH]] }, 'forkBlocks.0.0: expected the number of a block'],
    [{ ...minimal, forkBlocks: [[-1, HASH]] }, 'forkBlocks.0.0: expected the number of a block'],
    [{ ...minimal, forkBlocks: [[2 ** 32, HASH]] }, 'forkBlocks.0.0: expected the number of a block'],
    [{ ...minimal, forkBlocks: [[5, '0x00']] }, 'forkBlocks.0.1: expected the hash of a block'],
    [{ ...minimal, forkBlocks: [[5, HASH], [5, `0x${'bb'.repeat(32)}`]] }, 'forkBlocks: two different blocks are asked for at one height'],
    [{ ...minimal, badBlocks: ['0xabcd'] }, 'badBlocks.0: expected the hash of a block'],
    [{ ...minimal, codeSubstitutes: { [HASH]: '0x00' } }, 'specifications from before 2022 used block hashes'],
    [{ ...minimal, codeSubstitutes: { '5': 'wasm' } }, 'codeSubstitutes.5: expected an even number'],
    [{ ...minimal, chainType: 'live' }, 'chainType: expected Live, Development, Local or'],
  ])('%j: %s', (value, expected) => {
    expect(problem(value)).toContain(expected)
  })

  it('takes the root of the genesis state in its place, and prints it again', () => {
    const spec = parseChainSpec(JSON.stringify({ ...minimal, genesis: { stateRootHash: HASH.toUpperCase().replace('0X', '0x') } }), 'x.json')
    expect(spec.genesis).toEqual({ stateRootHash: HASH })
    expect(parseChainSpec(printSpec(spec, 'x.json'), 'x.json').genesis).toEqual({ stateRootHash: HASH })
  })

  it('keeps fields that it does not know', () => {
    expect(parseChainSpec(JSON.stringify({ ...minimal, relayChain: 'polkadot' }), 'x.json')).toMatchObject({ relayChain: 'polkadot' })
  })

  it('recognises keys and hashes in either case, with 0x or without', () => {
    const text = JSON.stringify({
      ...minimal,
      forkBlocks: [[5, HASH.toUpperCase().replace('0X', '0x')], [5, HASH]],
      badBlocks: ['AB'.repeat(32)],
      codeSubstitutes: { '12': '0xAA' },
      genesis: { raw: { top: { '0x3A636F6465': '0x0061736D', ABCD: 'EF' }, childrenDefault: { '0xCC': { '0xDD': '0xEE' } } } },
    })
    expect(parseChainSpec(text, 'x.json')).toMatchObject({
      forkBlocks: [[5, HASH], [5, HASH]],
      badBlocks: [`0x${'ab'.repeat(32)}`],
      codeSubstitutes: { '12': '0xaa' },
      genesis: { raw: { top: { '0x3a636f6465': '0x0061736d', '0xabcd': '0xef' }, childrenDefault: { '0xcc': { '0xdd': '0xee' } } } },
    })
  })

  it('takes null for a field that says nothing, and both older forms of a genesis without child storage', () => {
    const nothing = { chainType: null, bootNodes: null, protocolId: null, forkId: null, properties: null, forkBlocks: null, badBlocks: null, codeSubstitutes: null, consensusEngine: null, telemetryEndpoints: null, lightSyncState: null }
    for (const raw of [{ top: CODE, childrenDefault: null }, { top: CODE, children: {} }, [CODE, {}]]) {
      const spec = parseChainSpec(`\ufeff${JSON.stringify({ ...minimal, ...nothing, genesis: { raw, stateRootHash: null } })}`, 'x.json')
      expect(spec).toMatchObject({ chainType: 'Live', bootNodes: [], genesis: { raw: { top: CODE, childrenDefault: {} } } })
    }
  })

  it('reads what tells networks of one genesis apart', () => {
    expect(parseChainSpec(JSON.stringify({ ...minimal, forkId: 'other', protocolId: 'dot', chainType: { Custom: 'Canary' } }), 'x.json')).toMatchObject({
      forkId: 'other', protocolId: 'dot', chainType: { Custom: 'Canary' },
    })
  })
})
