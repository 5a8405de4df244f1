/**
 * A thread in which a node's local door is opened and asked once: says what of its parts was loaded before the question, and what
 * after it. A thread has modules of its own, so nothing is there from tests before.
 */
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { registerHooks } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

export interface LoadedParts {
  readonly before: readonly string[]
  readonly status: number
  readonly after: readonly string[]
}

const PARTS: readonly (readonly [name: string, path: string])[] = [
  ['@bufbuild/protobuf', '/node_modules/@bufbuild/protobuf/'],
  ['@bufbuild/protovalidate', '/node_modules/@bufbuild/protovalidate/'],
  ['@connectrpc/connect', '/node_modules/@connectrpc/connect/'],
  ['@connectrpc/connect-node', '/node_modules/@connectrpc/connect-node/'],
  ['the servers of HTTP', '/node-core/web/port.ts'],
]
const loaded = new Set<string>()
registerHooks({
  load(url, context, next) {
    for (const [name, path] of PARTS) if (url.includes(path)) loaded.add(name)
    return next(url, context)
  },
})

// Not before the hooks are there.
const { systemClock } = await import('../../node-core/base/clock.ts')
const { createLogger } = await import('../../node-core/base/logger.ts')
const { localDoor } = await import('../../node-core/services/local-door/place.ts')
const { ServiceApi } = await import('../../node-core/services/service-api.ts')
const { FakeManager } = await import('./fake-manager.ts')

const folder = workerData as string
const manager = new FakeManager({ clock: systemClock })
const api = new ServiceApi({ manager, program: { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: process.platform }, logger: createLogger([]) }, { folder })
await api.start()
const before = [...loaded]
const { socketPath, tokenPath } = localDoor(folder)
const status = await ask('/openapi.json', socketPath, (await readFile(tokenPath, 'utf8')).trim())
const after = [...loaded].sort()
await api.stop()
await manager.stopAll()
parentPort?.postMessage({ before, status, after } satisfies LoadedParts)

function ask(path: string, socketPath: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, headers: { Host: 'localhost', Authorization: `Bearer ${token}` } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    }).on('error', reject)
  })
}
