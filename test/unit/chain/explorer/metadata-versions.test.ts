/**
 * Metadata of the versions 9 to 16, each as a real runtime gave it: what polkadot.js tests itself with. Read as files of a package that
 * comes with that library; skipped where it is absent.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { readMetadata } from '../../../../node-core/chain/explorer/metadata.ts'
import type { RuntimeTypes } from '../../../../node-core/chain/explorer/runtime-types.ts'

const FOLDER = join(import.meta.dirname, '../../../../node_modules/@polkadot/types-support/metadata')
const VERSIONS = [9, 10, 11, 12, 13, 14, 15, 16]
const FILES = VERSIONS.flatMap((version) => {
  const folder = join(FOLDER, `v${version}`)
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('-hex.js')).map((name) => ({ version, name, path: join(folder, name) })) : []
})

/** From `meta` on: newer versions are given inside of other bytes. */
function metadataIn(path: string): Uint8Array {
  const bytes = Buffer.from(fromHex(/0x[0-9a-f]+/.exec(readFileSync(path, 'utf8'))?.[0] ?? '0x'))
  return Uint8Array.from(bytes.subarray(bytes.indexOf(utf8('meta'))))
}

function callsOf({ types, call }: RuntimeTypes): string[] {
  const def = types[call]?.def
  return def?.tag !== 'variant' ? [] : def.value.flatMap(({ name, fields: [inner] }) => {
    const calls = types[inner?.type ?? -1]?.def
    return calls?.tag === 'variant' ? calls.value.map((one) => `${name}.${one.name}`) : []
  })
}

describe.skipIf(FILES.length === 0)(`metadata (skipped where ${FOLDER} is missing)`, () => {
  it('is there in every version', () => {
    expect(new Set(FILES.map(({ version }) => version))).toEqual(new Set(VERSIONS))
  })

  it.each(FILES)('of version $version ($name) names calls, events, accounts and what a transaction carries', ({ path, name }) => {
    const types = readMetadata(metadataIn(path), name.split('-')[0] as string)
    expect(callsOf(types)).toEqual(expect.arrayContaining(['System.remark', 'Timestamp.set']))
    expect(types.events?.key).toHaveLength(32)
    expect(types.extensions.get(0)?.map(({ identifier }) => identifier)).toEqual(expect.arrayContaining([expect.stringMatching(/^Check(Era|Mortality)$/), 'CheckNonce']))
    expect([types.address, types.signature, types.call].every((type) => types.types[type] !== undefined)).toBe(true)
  })
})
