/** Certificate and key in files: read as a pair, exchanged as a pair. */
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { TlsFiles } from '../../../node-core/web/tls-files.ts'
import type { TlsPair } from '../../../node-core/web/port.ts'
import { madeCertificate } from '../../helpers/certificate.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-tls-files-'))
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
    await expect(new TlsFiles(await files({ cert: one.cert, key: other.key }), clock, logger).read()).rejects.toThrow(refusedWith('TLS_INVALID'))
    await expect(new TlsFiles(await files({ cert: 'nothing', key: one.key }), clock, logger).read()).rejects.toThrow(refusedWith('TLS_INVALID'))
    const paths = await files(one)
    await expect(new TlsFiles({ ...paths, cert: `${paths.cert}.gone` }, clock, logger).read()).rejects.toThrow(refusedWith('TLS_UNREADABLE'))
    await expect(new TlsFiles({ ...paths, key: `${paths.key}.gone` }, clock, logger).read()).rejects.toThrow(refusedWith('TLS_UNREADABLE'))
  })

  it.skipIf(process.platform === 'win32')('are refused where others can read the key', async () => {
    await expect(new TlsFiles(await files(one, 0o640), clock, logger).read()).rejects.toThrow(refusedWith('TLS_KEY_OPEN'))
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
    expect(logs.map(({ level, fields }) => [level, fields?.['code']])).toEqual([['error', 'TLS_INVALID']])
    await replace(paths.key, other.key)
    await look()
    await look()
    expect(exchanged).toEqual([other])
    expect(logs.at(-1)?.message).toBe('the TLS certificate was exchanged')
  })
})
