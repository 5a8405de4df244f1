import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EXIT } from '../../../node-core/command/definition/exit-codes.ts'
import { gatewayOptions } from '../../../node-core/command/gateway/gateway-options.ts'
import { madeCertificate } from '../../helpers/certificate.ts'
import { runCommand } from '../../helpers/run-command.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-command-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const gateway = (...words: string[]) => runCommand(['gateway', ...words, '--base-path', folder])

it.each([
  [['--gateway-listen', '0.0.0.0'], EXIT.usage, 'without TLS'],
  [['--allow-method', 'author_rotateKeys'], EXIT.usage, 'does not serve author_rotateKeys'],
  [['--allow-method', 'no_such'], EXIT.usage, 'no method "no_such"'],
  [['--trusted-proxy', 'proxy.example'], EXIT.usage, 'no address'],
  [['--public-url', 'node.example'], EXIT.usage, 'public address'],
  [['--tls-cert', 'cert.pem'], EXIT.usage, 'go together'],
  [['--tls-cert', 'no-cert.pem', '--tls-key', 'no-key.pem'], EXIT.data, 'no such file'],
  [['--node-url', 'http://192.0.2.1:9944'], EXIT.usage, 'on this computer'],
  [['--node-service-url', 'http://127.0.0.1:9966'], EXIT.usage, 'go together'],
  [['--cors', 'wallet.example'], EXIT.usage, '--cors takes'],
  [['--per-day', '5'], EXIT.usage, 'gateway key add alone'],
  [['--anonymous', 'many'], EXIT.usage, '--anonymous takes a number of requests'],
  [['key', 'make', 'a'], EXIT.usage, 'is not a command'],
  [['key', 'add'], EXIT.usage, 'is not a command'],
  [['key', 'revoke', 'nobody'], EXIT.failed, 'no key called nobody'],
] as const)('gateway %j ends with %i and the reason', async (words, code, reason) => {
  const finished = await gateway(...words)
  expect(finished.stderr).toContain(reason)
  expect(finished.code).toBe(code)
})

it('a key is printed once, alone, and is in the list without what it is', async () => {
  const { stdout, stderr } = await gateway('key', 'add', 'wallet', '--per-minute', '60')
  expect(stdout).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
  expect(stderr).not.toContain(stdout.trim())
  const listed = await gateway('key', 'list')
  expect(listed.stdout).toMatch(/^wallet +60 a minute, no quota, since \d{4}-\d{2}-\d{2}\n$/)
  expect((await gateway('key', 'revoke', 'wallet')).code).toBe(EXIT.done)
  expect((await gateway('key', 'list')).stdout).toBe('There is no key.\n')
})

it.skipIf(process.platform === 'win32')('a key of TLS and a token that others can read are refused', async () => {
  const { cert, key } = madeCertificate()
  await writeFile(join(folder, 'cert.pem'), cert)
  for (const [name, text] of [['key.pem', key], ['token', 'a'.repeat(43)]] as const) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o644)
  }
  const open = await gateway('--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem'))
  expect([open.code, open.stderr]).toEqual([EXIT.data, expect.stringContaining('chmod 600')])
  const token = await gateway('--node-service-url', 'http://127.0.0.1:9966', '--node-token-file', join(folder, 'token'))
  expect([token.code, token.stderr]).toEqual([EXIT.usage, expect.stringContaining('chmod 600')])
})

it('flags become options', async () => {
  const options = await gatewayOptions({ 'base-path': folder, 'max-request-size': '2', 'drain-seconds': '3', cors: 'all', anonymous: '5', 'max-connections': '10', 'request-log': 'none', 'log-addresses': 'prefix' })
  expect(options).toMatchObject({ host: '127.0.0.1', port: 8443, tls: undefined, origins: ['*'], anonymousPerMinute: 5, requestLog: undefined, loggedAddresses: 'prefix', keysFile: join(folder, 'gateway', 'gateway-keys.json'), limits: { messageBytes: 2 * 1024 * 1024, drainMs: 3000, connections: 10, webSockets: 10 } })
})
