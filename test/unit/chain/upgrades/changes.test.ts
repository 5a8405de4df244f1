/** Runtimes compared by real metadata: that of our own networks, and those that come with polkadot.js (skipped where absent). */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RUNTIME_FOLDER } from '../../../../build/runtime/manifest.ts'
import { fromHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { runtimeChanges } from '../../../../node-core/chain/upgrades/changes.ts'

const FOLDER = join(import.meta.dirname, '../../../../node_modules/@polkadot/types-support/metadata')
const NONE = { added: [], removed: [] }
const own = readFileSync(join(RUNTIME_FOLDER, 'metadata.scale'))

function metadataOf(chain: string): Uint8Array {
  const bytes = Buffer.from(fromHex(/0x[0-9a-f]+/.exec(readFileSync(join(FOLDER, `${chain}-hex.js`), 'utf8'))?.[0] ?? '0x'))
  return Uint8Array.from(bytes.subarray(bytes.indexOf(utf8('meta'))))
}

it('says nothing of a runtime that is the same', () => {
  expect(runtimeChanges(own, own)).toEqual({ pallets: NONE, calls: NONE, apis: NONE })
})

it.skipIf(!existsSync(FOLDER))('names pallets, calls of common pallets, and functions of the interfaces, in either direction', () => {
  const substrate = metadataOf('v15/substrate')
  const [there, back] = [runtimeChanges(own, substrate), runtimeChanges(substrate, own)]
  expect(there.pallets.added).toEqual(expect.arrayContaining(['Assets', 'Democracy']))
  expect(there.pallets.removed).toEqual(expect.arrayContaining(['Authorities', 'Settings']))
  // Of a pallet that only one of them has the pallet is enough.
  expect([...there.calls.added, ...there.calls.removed].some((name) => /^(Authorities|Assets)\./.test(name))).toBe(false)
  expect(there.apis?.removed).toEqual(expect.arrayContaining(['MmrApi.generate_ancestry_proof']))
  const turned = ({ added, removed }: typeof NONE) => ({ added: removed, removed: added })
  expect({ pallets: turned(back.pallets as typeof NONE), calls: turned(back.calls as typeof NONE) }).toEqual({ pallets: there.pallets, calls: there.calls })
})

it.skipIf(!existsSync(FOLDER))('does not know the interfaces of metadata that list none', () => {
  const later = runtimeChanges(metadataOf('v14/substrate'), own)
  expect(later.apis).toBeUndefined()
  expect(later.calls).toMatchObject({ added: expect.arrayContaining(['Proxy.poke_deposit']) as string[] })
})
