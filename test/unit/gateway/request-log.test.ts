/** Files of the gateway: its log of requests. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { RequestLog, type LoggedRequest } from '../../../node-core/gateway/log/request-log.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-files-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const logs: LogRecord[] = []
const logger = createLogger([(record) => logs.push(record)])

describe('the log of requests', () => {
  const request: LoggedRequest = { time: Date.UTC(2026, 0, 1), address: '192.0.2.77', key: 'wallet', by: 'json-rpc', methods: ['chain_getBlock'], status: 200, ms: 1.4, bytes: 10 }

  it('is a line of JSON each, with as much of the address as was said', async () => {
    for (const [addresses, shown] of [['full', '192.0.2.77'], ['prefix', '192.0.2.0/24'], ['none', undefined]] as const) {
      const path = join(folder, `${addresses}.log`)
      const log = new RequestLog({ path, addresses }, logger)
      log.write(request)
      log.write({ ...request, key: undefined, methods: Array<string>(25).fill('system_chain') })
      await log.stop()
      const [first, second] = (await readFile(path, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(first).toEqual({ time: '2026-01-01T00:00:00.000Z', ...(shown === undefined ? {} : { address: shown }), key: 'wallet', by: 'json-rpc', methods: ['chain_getBlock'], status: 200, ms: 1, bytes: 10 })
      expect(second).toMatchObject({ key: null, more: 5 })
      if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
    }
  })

  it('takes a bounded part of the disk, and says what it left out', async () => {
    const own = await mkdtemp(join(folder, 'log-'))
    const path = join(own, 'requests.log')
    const log = new RequestLog({ path, addresses: 'none', maxFileBytes: 2_000, keptFiles: 2, maxWaitingBytes: 1_000 }, logger)
    for (let round = 0; round < 20; round++) {
      for (let count = 0; count < 10; count++) log.write(request)
      await log.stop()
    }
    expect((await readdir(own)).sort()).toEqual(['requests.log', 'requests.log.1', 'requests.log.2'])
    for (const name of await readdir(own)) expect((await stat(join(own, name))).size).toBeLessThanOrEqual(2_000)
    expect(await readFile(path, 'utf8')).toMatch(/\{"leftOut":\d+\}/)
  })
})
