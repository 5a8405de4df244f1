import { describe, expect, it } from 'vitest'
import { ChainSpecError } from '../../../../../node-core/chain/spec/errors.ts'
import { readSpec } from '../../../../../node-core/chain/spec/load.ts'
import { parseExact, printExact } from '../../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { readRuntimeGenesis, writeRuntimeGenesis } from '../../../../../node-core/chain/spec/runtime-genesis/written.ts'

const spec = (genesis: string): string => `{"name": "Test", "id": "test", "genesis": ${genesis}}`

function problem(genesis: string): string {
  try {
    readSpec(spec(genesis), 'x.json')
    return 'none'
  } catch (error) {
    return error instanceof ChainSpecError ? error.message : `no error of specifications: ${String(error)}`
  }
}

describe('genesis.runtimeGenesis', () => {
  it.each([
    ['{"runtimeGenesis": {"code": "0x0061736D", "patch": {"a": 18446744073709551616}}}', { code: '0x0061736d', how: { kind: 'patch' } }],
    ['{"runtimeGenesis": {"code": "0061736d", "config": {}}}', { code: '0x0061736d', how: { kind: 'config', config: {} } }],
    ['{"runtimeGenesis": {"code": "0x0061736d", "namedPreset": "development"}, "raw": null}', { how: { kind: 'namedPreset', name: 'development', patch: {} } }],
    ['{"runtimeGenesis": {"code": "0x0061736d", "namedPreset": ["development", {"a": 1}, null]}}', { how: { kind: 'namedPreset', name: 'development', patch: { a: 1 } } }],
  ])('%s is read', (genesis, expected) => {
    const read = readSpec(spec(genesis), 'x.json').genesis
    if (!('runtimeGenesis' in read)) throw new Error('another form')
    expect(read.runtimeGenesis).toMatchObject(expected)
    expect(readRuntimeGenesis(parseExact(printExact(writeRuntimeGenesis(read.runtimeGenesis))))).toEqual(read.runtimeGenesis)
  })

  it('keeps the digits of its numbers', () => {
    const { genesis } = readSpec(spec('{"runtimeGenesis": {"code": "0x0061736d", "patch": {"a": 18446744073709551617}}}'), 'x.json')
    expect('runtimeGenesis' in genesis && printExact(writeRuntimeGenesis(genesis.runtimeGenesis))).toBe('{"code":"0x0061736d","patch":{"a":18446744073709551617}}')
  })

  it.each([
    ['{"runtimeGenesis": {"patch": {}}}', 'genesis.runtimeGenesis.code: the runtime is missing'],
    ['{"runtimeGenesis": {"code": "0x", "patch": {}}}', 'genesis.runtimeGenesis.code: the runtime is missing'],
    ['{"runtimeGenesis": {"code": "0x0", "patch": {}}}', 'genesis.runtimeGenesis.code: expected an even number'],
    ['{"runtimeGenesis": {"code": "0x00"}}', 'genesis.runtimeGenesis: one of config, patch and namedPreset is missing'],
    ['{"runtimeGenesis": {"code": "0x00", "patch": {}, "config": {}}}', 'genesis.runtimeGenesis: it has config and patch, and it is unclear which counts'],
    ['{"runtimeGenesis": {"code": "0x00", "patch": []}}', 'genesis.runtimeGenesis.patch: expected an object'],
    ['{"runtimeGenesis": {"code": "0x00", "namedPreset": {}}}', 'genesis.runtimeGenesis.namedPreset: expected the name of a preset'],
    ['{"runtimeGenesis": {"code": "0x00", "patsch": {}}}', 'genesis.runtimeGenesis.patsch: this part is not known; there are code, config, patch, namedPreset'],
    ['{"runtimeGenesis": 1}', 'genesis.runtimeGenesis: expected an object'],
    ['{"raw": {"top": {}}, "runtimeGenesis": {"code": "0x00", "patch": {}}}', 'it has several forms (raw, runtimeGenesis), and it is unclear which counts'],
    ['{"runtime": {"system": {}}}', 'it uses the format from before 2024 (genesis.runtime)'],
  ])('%s is refused: %s', (genesis, expected) => {
    expect(problem(genesis)).toContain(expected)
  })
})
