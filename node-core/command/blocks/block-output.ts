/** Where exported blocks go: gathered, so that a small block is no write of its own, and no faster than they are taken. */
import { open } from 'node:fs/promises'

export interface BlockOutput {
  /** Bytes that were given and are not written yet. */
  readonly waiting: number
  write(bytes: Uint8Array): void
  flush(): Promise<void>
  /** All of it is on the disk then. `head` takes the place of the first bytes of a file. */
  finish(head: Uint8Array | undefined): Promise<void>
  /** Idempotent; what is waiting is not written. */
  close(): Promise<void>
}

/** Behind what the file has already; it is made where it is not there. */
export async function fileOutput(path: string): Promise<BlockOutput> {
  // Not in the mode for appending: it would put the head at the end, too.
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return open(path, 'w')
    throw error
  })
  let position = (await file.stat()).size
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await file.close()
  }
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position)
      at += bytesWritten
      position += bytesWritten
    }
  }
  return gathered(put, {
    async finish(head) {
      if (head !== undefined) await file.write(head, 0, head.length, 0)
      await file.sync()
      await close()
    },
    close,
  })
}

export function standardOutput(): BlockOutput {
  return gathered((bytes) => new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))), {
    finish: () => Promise.resolve(),
    close: () => Promise.resolve(),
  })
}

function gathered(put: (bytes: Uint8Array) => Promise<void>, { finish, close }: Pick<BlockOutput, 'finish' | 'close'>): BlockOutput {
  let parts: Uint8Array[] = []
  let waiting = 0
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(parts)
    parts = []
    waiting = 0
    if (bytes.length > 0) await put(bytes)
  }
  return {
    get waiting() {
      return waiting
    },
    write(bytes) {
      parts.push(bytes)
      waiting += bytes.length
    },
    flush,
    async finish(head) {
      await flush()
      await finish(head)
    },
    close,
  }
}
