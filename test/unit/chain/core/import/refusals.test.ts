import { describe, expect, it } from 'vitest'
import { NodeError } from '../../../../../node-core/base/errors.ts'
import { BabeError, type BabeErrorCode } from '../../../../../node-core/chain/core/engines/babe/errors.ts'
import { EngineError } from '../../../../../node-core/chain/core/engines/engine.ts'
import { GrandpaError, type GrandpaErrorCode } from '../../../../../node-core/chain/core/engines/grandpa/errors.ts'
import { refusalOf } from '../../../../../node-core/chain/core/import/refusals.ts'

describe('a refusal', () => {
  it.each([
    ['IMPORT_BELOW_FINALIZED', 'obsolete'],
    ['IMPORT_WRONG_EXTRINSICS_ROOT', 'delivery'],
    ['IMPORT_BAD_BLOCK', 'proven'],
    ['IMPORT_WRONG_NUMBER', 'proven'],
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
    expect(refusalOf(new NodeError(code, 'no'))).toBe(kind)
  })

  it.each<[BabeErrorCode, string]>([
    ['BABE_SLOT_IN_FUTURE', 'early'],
    ['BABE_UNKNOWN_PARENT', 'orphan'],
    ['BABE_BAD_SEAL', 'proven'],
    ['BABE_BAD_VRF', 'proven'],
    ['BABE_THRESHOLD', 'proven'],
    ['BABE_UNKNOWN_AUTHORITY', 'execution'],
    ['BABE_MISSING_EPOCH_ANNOUNCEMENT', 'execution'],
    ['BABE_UNKNOWN_EPOCH', 'host'],
  ])('with %s is %s', (code, kind) => {
    expect(refusalOf(new BabeError(code, 'no'))).toBe(kind)
  })

  it.each<[GrandpaErrorCode, string]>([
    ['GRANDPA_BAD_SIGNATURE', 'proven'],
    ['GRANDPA_OTHER_SET', 'obsolete'],
    ['GRANDPA_BEYOND_SET_CHANGE', 'obsolete'],
    ['GRANDPA_FORCED_CHANGE_TOO_EARLY', 'host'],
  ])('with %s is %s', (code, kind) => {
    expect(refusalOf(new GrandpaError(code, 'no'))).toBe(kind)
  })

  it('by any engine is what the engine says', () => {
    expect(refusalOf(new EngineError('OURS', 'not now', 'early'))).toBe('early')
  })
})
