import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FrameWriter } from '../../../../node-core/net/ipc/frame-writer.ts'
import { encodeFrame } from '../../../../node-core/network/framing.ts'

/** A socket that keeps what goes out together together. */
function socket(): { readonly writer: FrameWriter; readonly writes: Buffer[][] } {
  const writes: Buffer[][] = []
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      writes.push([chunk])
      done()
    },
    writev: (chunks, done) => {
      writes.push(chunks.map(({ chunk }) => chunk as Buffer))
      done()
    },
  })
  return { writer: new FrameWriter(duplex as unknown as Socket), writes }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const message = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)

describe('messages on a socket', () => {
  it('go out at once where they come alone', async () => {
    const { writer, writes } = socket()
    for (const length of [0, 1, 127, 128, 16_383, 16_384]) {
      writer.write(message(length))
      expect(Buffer.concat(writes.splice(0).flat()).equals(encodeFrame(message(length)))).toBe(true)
      await turn()
      expect(writes).toEqual([])
    }
  })

  it('go out together where others came before them in the same turn', async () => {
    const { writer, writes } = socket()
    for (let round = 0; round < 2; round++) {
      for (let i = 1; i <= 5; i++) writer.write(message(i))
      expect(writes.length).toBe(1)
      await turn()
      expect(writes.map((each) => each.length)).toEqual([1, 4])
      expect(Buffer.concat(writes.splice(0).flat()).equals(Buffer.concat([1, 2, 3, 4, 5].map((i) => encodeFrame(message(i)))))).toBe(true)
    }
  })

  it('that are long go out with their length', async () => {
    const { writer, writes } = socket()
    const long = message(100_000)
    writer.write(long)
    writer.write(message(3))
    await turn()
    expect(writes.map((each) => each.length)).toEqual([3])
    expect(writes[0]?.[1]?.buffer).toBe(long.buffer)
    expect(Buffer.concat(writes.flat()).equals(Buffer.concat([encodeFrame(long), encodeFrame(message(3))]))).toBe(true)
  })
})
