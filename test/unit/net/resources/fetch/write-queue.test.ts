/** Which writes are made of what is verified, and when nothing is left of them. */
import { beforeEach, describe, expect, it } from 'vitest'
import { WriteQueue } from '../../../../../node-core/net/resources/fetch/write-queue.ts'
import { LEAF_BYTES } from '../../../../../node-core/net/resources/tree.ts'

const leaves = (count: number): Uint8Array => new Uint8Array(count * LEAF_BYTES)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a queue of writes', () => {
  /** First leaf and number of pieces of each write, and how it ends. */
  let writes: { readonly index: number; readonly pieces: number; readonly end: (error?: Error) => void }[]
  let written: [index: number, leaves: number][]
  let failures: unknown[]
  let queue: WriteQueue
  const placesOf = (): [number, number][] => writes.map(({ index, pieces }) => [index, pieces])

  beforeEach(() => {
    writes = []
    written = []
    failures = []
    queue = new WriteQueue({
      write: (index, pieces) => new Promise((resolve, reject) => writes.push({ index, pieces: pieces.length, end: (error) => (error === undefined ? resolve() : reject(error)) })),
      onWritten: (index, count) => written.push([index, count]),
      onFailure: (error) => failures.push(error),
    })
  })

  it('makes one write of what comes in one turn and follows on each other, in whatever order, also in later callbacks', async () => {
    queue.push(3, leaves(3))
    queueMicrotask(() => queue.push(0, leaves(3)))
    process.nextTick(() => queue.push(6, leaves(2)))
    await turn()
    expect(placesOf()).toEqual([[0, 3]])
    writes[0]?.end()
    await queue.idle()
    expect(written).toEqual([[0, 8]])
  })

  it('makes two of what lies apart, and puts together what comes while both are under way', async () => {
    queue.push(0, leaves(1))
    queue.push(5, leaves(1))
    await turn()
    for (const leaf of [6, 2, 1, 3]) {
      queue.push(leaf, leaves(1))
      await turn()
    }
    expect(placesOf()).toEqual([[0, 1], [5, 1]])
    for (const { end } of writes.splice(0)) end()
    await turn()
    expect(placesOf()).toEqual([[1, 3], [6, 1]])
  })

  it('is idle when all that was given to it is written, at once where nothing was', async () => {
    await queue.idle()
    let isIdle = false
    queue.push(0, leaves(1))
    const idle = queue.idle().then(() => (isIdle = true))
    await turn()
    expect([writes.length, isIdle]).toEqual([1, false])
    writes[0]?.end()
    await idle
    expect(written).toEqual([[0, 1]])
  })

  it('writes nothing more once a write has failed', async () => {
    queue.push(0, leaves(1))
    queue.push(5, leaves(1))
    queue.push(9, leaves(1))
    await turn()
    const full = new Error('full')
    writes[0]?.end(full)
    writes[1]?.end()
    queue.push(1, leaves(1))
    await queue.idle()
    await turn()
    expect([placesOf(), written, failures]).toEqual([[[0, 1], [5, 1]], [[5, 1]], [full]])
  })
})
