import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeError } from '../../../node-core/base/errors.ts'
import { loadChainSpec, parseChainSpec } from '../../../node-core/chain-spec/load.ts'

const minimal = { name: 'Test', id: 'test', genesis: { raw: { top: { '0x3a636f6465': '0x0061736d' } } } }

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
    ['{ "name": ', 'x.json is not JSON'],
    [{ ...minimal, id: '../../etc' }, 'id: expected 1 to 64 letters'],
    [{ ...minimal, genesis: undefined }, 'the field "genesis" is missing'],
    [{ ...minimal, genesis: { stateRootHash: '0x00' } }, 'enough for a light client'],
    [{ ...minimal, genesis: { runtime: {} } }, 'human-readable form'],
    [{ ...minimal, genesis: { raw: { top: {} } } }, 'the key :code (0x3a636f6465) is missing'],
    [{ ...minimal, genesis: { raw: { top: { '0x3a636f6465': 'zz' } } } }, 'genesis.raw.top.0x3a636f6465: expected an even number'],
    [{ ...minimal, bootNodes: 'none' }, 'bootNodes'],
  ])('%j: %s', (value, expected) => {
    expect(problem(value)).toContain(expected)
  })

  it('keeps fields that it does not know', () => {
    expect(parseChainSpec(JSON.stringify({ ...minimal, relayChain: 'polkadot' }), 'x.json')).toMatchObject({ relayChain: 'polkadot' })
  })
})
