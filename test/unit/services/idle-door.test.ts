/** A node that nobody calls has the local door open, and nothing of what answers at it in memory. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LoadedParts } from '../../helpers/idle-door-thread.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-door-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('loads Connect and protobuf with the first connection, not before', async () => {
  const thread = new Worker(new URL('../../helpers/idle-door-thread.ts', import.meta.url), { workerData: folder })
  try {
    const [parts] = (await once(thread, 'message')) as [LoadedParts]
    expect(parts).toEqual({
      before: [],
      status: 200,
      after: ['@bufbuild/protobuf', '@bufbuild/protovalidate', '@connectrpc/connect', '@connectrpc/connect-node', 'the servers of HTTP'],
    })
  } finally {
    await thread.terminate()
  }
})
