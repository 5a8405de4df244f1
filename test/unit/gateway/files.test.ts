import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { RequestLog, type LoggedRequest } from '../../../node-core/gateway/log/request-log.ts'
import { TlsFiles } from '../../../node-core/gateway/tls-files.ts'
import type { TlsPair } from '../../../node-core/web/port.ts'
import { madeCertificate } from '../../helpers/certificate.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-files-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const logs: LogRecord[] = []
const logger = createLogger([(record) => logs.push(record)])
const refusedWith = (code: string) => expect.objectContaining({ code }) as Error

describe('certificate and key', () => {
  const [one, other] = [madeCertificate(), madeCertificate()]
  const clock = new FakeClock(Date.UTC(2026, 0, 1))

  async function files({ cert, key }: TlsPair, mode = 0o600): Promise<{ readonly cert: string; readonly key: string }> {
    const own = await mkdtemp(join(folder, 'tls-'))
    const paths = { cert: join(own, 'cert.pem'), key: join(own, 'key.pem') }
    await writeFile(paths.cert, cert)
    await writeFile(paths.key, key, { mode: 0o600 })
    await chmod(paths.key, mode)
    return paths
  }

  /** In its place, as tools do that renew certificates. */
  async function replace(path: string, text: string): Promise<void> {
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }

  it('are read as a pair, and not where they are none', async () => {
    expect(await new TlsFiles(await files(one), clock, logger).read()).toEqual(one)
    await expect(new TlsFiles(await files({ cert: one.cert, key: other.key }), clock, logger).read()).rejects.toThrow(refusedWith('GATEWAY_TLS_INVALID'))
    await expect(new TlsFiles(await files({ cert: 'nothing', key: one.key }), clock, logger).read()).rejects.toThrow(refusedWith('GATEWAY_TLS_INVALID'))
    const paths = await files(one)
    await expect(new TlsFiles({ ...paths, cert: `${paths.cert}.gone` }, clock, logger).read()).rejects.toThrow(refusedWith('GATEWAY_TLS_UNREADABLE'))
    await expect(new TlsFiles({ ...paths, key: `${paths.key}.gone` }, clock, logger).read()).rejects.toThrow(refusedWith('GATEWAY_TLS_UNREADABLE'))
  })

  it.skipIf(process.platform === 'win32')('are refused where others can read the key', async () => {
    await expect(new TlsFiles(await files(one, 0o640), clock, logger).read()).rejects.toThrow(refusedWith('GATEWAY_TLS_KEY_OPEN'))
  })

  it('are exchanged when both have come, and half of a new pair is said once', async () => {
    const paths = await files(one)
    const tls = new TlsFiles(paths, clock, logger)
    await tls.read()
    logs.length = 0
    const exchanged: TlsPair[] = []
    const look = (): Promise<void> => tls.look((pair) => exchanged.push(pair))
    await look()
    await replace(paths.cert, other.cert)
    await look()
    await look()
    expect(exchanged).toEqual([])
    expect(logs.map(({ level, fields }) => [level, fields?.['code']])).toEqual([['error', 'GATEWAY_TLS_INVALID']])
    await replace(paths.key, other.key)
    await look()
    await look()
    expect(exchanged).toEqual([other])
    expect(logs.at(-1)?.message).toBe('the TLS certificate was exchanged')
  })
})

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
