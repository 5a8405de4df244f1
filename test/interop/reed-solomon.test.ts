/** The shards of klauspost/reedsolomon, Go's common library, and ours: byte for byte the same, for every code of up to 64 shards. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ReedSolomon } from '../../node-core/network/spread/chunks/reed-solomon.ts'
import { WITHOUT_GO, go, runGo } from '../helpers/go.ts'

const FOLDER = join(import.meta.dirname, 'reed-solomon')

/** As in main.go. */
function contentOf(k: number, n: number): Uint8Array {
  const length = n === 63 && k === 42 ? 2 ** 20 : 1 + ((k * 7919 + n * 104_729) % 5000)
  let state = k * 256 + n
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state >>> 24
  })
}

test.skipIf(go === undefined)(`shards are those of klauspost/reedsolomon${WITHOUT_GO}`, async () => {
  const lines = (await runGo(FOLDER)).trimEnd().split('\n')
  expect(lines).toHaveLength((64 * 63) / 2)
  for (const line of lines) {
    const [k, n] = line.split(' ').map(Number) as [number, number]
    const hash = createHash('sha256')
    for (const shard of new ReedSolomon(k, n).encode(contentOf(k, n))) hash.update(shard)
    if (line !== `${k} ${n} ${hash.digest('hex')}`) expect.fail(`shards of ${k} among ${n} differ`)
  }
})
