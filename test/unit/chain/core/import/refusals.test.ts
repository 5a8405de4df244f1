import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../../../../node-core/chain/core/import/refusals.ts'

const CORE = join(import.meta.dirname, '../../../../../node-core/chain/core')

/** All codes of a union type in a source file. */
function codesIn(file: string): string[] {
  return [...new Set(readFileSync(join(CORE, file), 'utf8').match(/\b(?:BABE|IMPORT|RUNTIME)_[A-Z_]+\b/g))]
}

describe('a refusal', () => {
  it.each([
    ['BABE_SLOT_IN_FUTURE', 'early'],
    ['IMPORT_BELOW_FINALIZED', 'obsolete'],
    ['IMPORT_WRONG_EXTRINSICS_ROOT', 'delivery'],
    ['BABE_BAD_SEAL', 'proven'],
    ['BABE_BAD_VRF', 'proven'],
    ['BABE_THRESHOLD', 'proven'],
    ['IMPORT_BAD_BLOCK', 'proven'],
    ['SCALE_SHORT', 'proven'],
    ['RUNTIME_TRAP', 'execution'],
    ['IMPORT_WRONG_STATE_ROOT', 'execution'],
    ['RUNTIME_TIMEOUT', 'host'],
    ['IMPORT_INTERNAL', 'host'],
    ['STATE_DB_CORRUPT', undefined],
    ['RUNTIME_STOPPED', undefined],
    ['RUNTIME_UNKNOWN_STATE', undefined],
    ['QUEUE_FULL', undefined],
  ])('with %s is %s', (code, kind) => {
    expect(refusalOf(code)).toBe(kind)
  })

  it('of each code of the engine and the importer has a kind', () => {
    const files = ['engines/babe/errors.ts', ...readdirSync(join(CORE, 'import')).map((name) => `import/${name}`)]
    const codes = files.flatMap(codesIn).filter((code) => !code.startsWith('RUNTIME_'))
    expect(codes.length).toBeGreaterThan(20)
    for (const code of codes) expect(refusalOf(code), code).toBeDefined()
  })
})
