/** A node that nobody calls has the local door open, and nothing of what answers at it in memory. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { createLogger } from '../../../node-core/base/logger.ts'
import { localDoor } from '../../../node-core/services/local-door/place.ts'
import { ServiceApi } from '../../../node-core/services/service-api.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const loaded = vi.hoisted(() => new Set<string>())
vi.mock('@connectrpc/connect', async (original) => (loaded.add('@connectrpc/connect'), original()))
vi.mock('@connectrpc/connect-node', async (original) => (loaded.add('@connectrpc/connect-node'), original()))
vi.mock('@bufbuild/protobuf', async (original) => (loaded.add('@bufbuild/protobuf'), original()))
vi.mock('@bufbuild/protovalidate', async (original) => (loaded.add('@bufbuild/protovalidate'), original()))
vi.mock('../../../node-core/web/port.ts', async (original) => (loaded.add('the servers of HTTP'), original()))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-door-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function openApi(path: string, socketPath: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, headers: { Host: 'localhost', Authorization: `Bearer ${token}` } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    }).on('error', reject)
  })
}

it('loads Connect and protobuf with the first connection, not before', async () => {
  const manager = new FakeManager({ clock: systemClock })
  const api = new ServiceApi({ manager, program: { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: process.platform }, logger: createLogger([]) }, { folder })
  await api.start()
  expect([...loaded]).toEqual([])
  const { socketPath, tokenPath } = localDoor(folder)
  const token = (await readFile(tokenPath, 'utf8')).trim()
  expect(await openApi('/openapi.json', socketPath, token)).toBe(200)
  expect([...loaded].sort()).toEqual(['@bufbuild/protobuf', '@bufbuild/protovalidate', '@connectrpc/connect', '@connectrpc/connect-node', 'the servers of HTTP'])
  await api.stop()
  await manager.stopAll()
})
