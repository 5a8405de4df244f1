/**
 * Keys and values of other implementations' tests: our roots against those of an independent one, built at once, entry by entry, in
 * either order, and after half of them is gone. Read from the folder beside the project; skipped where it is absent.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, toBinaryString, toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { trieRoot } from '../../../node-core/chain/trie/build.ts'
import { NodeStore } from '../../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../../node-core/chain/trie/trie.ts'
import type { Entry, StateVersion } from '../../../node-core/chain/trie/types.ts'
import { hasVector, readVector, vectorPath } from '../../helpers/vectors.ts'
import { oracleRoot } from './oracle.ts'

const FOLDER = 'state-trie'
const FILES = hasVector(FOLDER) ? readdirSync(vectorPath(FOLDER)) : []

/** Two lists of plain words, one on each line. The keys of some files are meant as hexadecimal digits. */
function readEntries(file: string, isHex: boolean): Entry[] {
  const [keys = [], values = []] = readVector(`${FOLDER}/${file}`)
    .split(/^values:$/m)
    .map((part) => [...part.matchAll(/^ +- (.*?) *$/gm)].map(([, word]) => word as string))
  if (keys.length === 0 || keys.length !== values.length) throw new Error(`${file} has ${keys.length} keys and ${values.length} values`)
  return keys.map((key, index) => [isHex ? fromHex(`0x${key}`) : utf8(key), utf8(values[index] as string)])
}

/** Of several values for one key the last counts. */
function unique(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [toBinaryString(entry[0]), entry])).values()]
}

function grown(entries: readonly Entry[], version: StateVersion): Trie {
  const trie = new Trie(new NodeStore({ get: () => undefined }))
  for (const [key, value] of entries) trie.put(key, value, version)
  return trie
}

describe.skipIf(FILES.length === 0)(`state tries of others (skipped where ${FOLDER} is missing)`, () => {
  const cases = FILES.flatMap((file) => [false, true].filter((isHex) => !isHex || /^hex_|^10000/.test(file)).flatMap((isHex) => ([0, 1] as const).map((version) => ({ file, isHex, version }))))

  it.each(cases)('$file, keys in hexadecimal: $isHex, state version $version', async ({ file, isHex, version }) => {
    const entries = unique(readEntries(file, isHex))
    const expected = toHex(await oracleRoot(entries, version))
    expect(toHex(trieRoot(entries, version))).toBe(expected)
    expect(toHex(grown(entries, version).root())).toBe(expected)
    const shrinking = grown(entries.toReversed(), version)
    expect(toHex(shrinking.root())).toBe(expected)
    const [gone, left] = [entries.filter((_, index) => index % 2 === 0), entries.filter((_, index) => index % 2 === 1)]
    for (const [key] of gone) shrinking.delete(key)
    expect(toHex(shrinking.root())).toBe(toHex(await oracleRoot(left, version)))
  })
})
