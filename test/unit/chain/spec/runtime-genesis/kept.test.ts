import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CODE_KEY, type RawGenesis } from '../../../../../node-core/chain/spec/raw-genesis.ts'
import { parseExact } from '../../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { readKept, writeKept } from '../../../../../node-core/chain/spec/runtime-genesis/kept.ts'
import { readRuntimeGenesis, type RuntimeGenesis } from '../../../../../node-core/chain/spec/runtime-genesis/written.ts'

const input = (balance: string, code = '0x0061736d'): RuntimeGenesis => readRuntimeGenesis(parseExact(`{"code": "${code}", "patch": {"balance": ${balance}}}`))
const made: RawGenesis = { top: { '0x01': '0x02', [CODE_KEY]: '0x0061736d' }, childrenDefault: { '0x61': { '0x03': '0x' } } }

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-kept-'))
  path = join(folder, 'chains', 'test', 'genesis.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a genesis that is kept', () => {
  it('is found again by what it was made from, and the code is not in the file', async () => {
    await writeKept(path, input('18446744073709551616'), made)
    expect(await readKept(path, input('18446744073709551616'))).toEqual(made)
    expect(await readFile(path, 'utf8')).not.toContain('0061736d')
  })

  it('is not that of another configuration, not even of one that differs beyond 2^53, nor of other code', async () => {
    await writeKept(path, input('18446744073709551616'), made)
    expect(await readKept(path, input('18446744073709551617'))).toBeUndefined()
    expect(await readKept(path, input('18446744073709551616', '0x0061736e'))).toBeUndefined()
  })

  it.each([
    ['a byte of it changed', (text: string) => text.replace('0x02', '0x03')],
    ['its end is missing', (text: string) => text.slice(0, -20)],
    ['it is something else', () => '[]'],
    ['it is of another edition', (text: string) => text.replace('"edition":1', '"edition":2')],
  ])('is made anew where %s', async (_what, damage) => {
    await writeKept(path, input('1'), made)
    const text = await readFile(path, 'utf8')
    expect(damage(text)).not.toBe(text)
    await writeFile(path, damage(text))
    expect(await readKept(path, input('1'))).toBeUndefined()
  })

  it('is not there at first', async () => {
    expect(await readKept(path, input('1'))).toBeUndefined()
  })
})
