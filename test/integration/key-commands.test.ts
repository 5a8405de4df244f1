/** Commands about keys and data as a person starts them. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'

const ALICE_ED25519 = '0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee'

let folder: string
const path = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-keys-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('a key goes into the keystore from a file, and is listed', async () => {
  const onData = ['--dev', '--base-path', path('keys')]
  await writeFile(path('passphrase'), 'four unrelated words\n', { mode: 0o600 })
  await writeFile(path('suri'), '//Alice\n', { mode: 0o600 })
  const insert = await runCli('key', 'insert', ...onData, '--key-type', 'gran', '--suri', path('suri'), '--keystore-passphrase-file', path('passphrase'), '--json')
  expect(JSON.parse(insert.stdout)).toMatchObject({ keyType: 'gran', scheme: 'ed25519', publicKey: ALICE_ED25519 })
  expect(await runCli('key', 'list', ...onData)).toMatchObject({ code: 0, stdout: `gran ed25519 ${ALICE_ED25519}\n` })
  await writeFile(path('other'), 'another passphrase\n', { mode: 0o600 })
  expect((await runCli('key', 'insert', ...onData, '--key-type', 'babe', '--suri', '//Alice', '--keystore-passphrase-file', path('other'))).code).toBe(4)
})

it('the key of a node is made for its owner alone, and never written over', async () => {
  const made = await runCli('key', 'generate-node-key', '--file', path('node.key'))
  expect([made.code, made.stdout]).toEqual([0, ''])
  if (process.platform !== 'win32') expect((await stat(path('node.key'))).mode & 0o777).toBe(0o600)
  expect((await runCli('key', 'inspect-node-key', '--file', path('node.key'))).stdout).toBe(made.stderr)
  expect((await runCli('key', 'generate-node-key', '--file', path('node.key'))).code).toBe(5)
})

it('data that are not there are not deleted, and nobody is asked', async () => {
  const { code, stdout } = await runCli('purge-chain', '--dev', '--base-path', path('none'), '--json')
  expect([code, JSON.parse(stdout)]).toEqual([0, { path: join(path('none'), 'chains', 'nodestead_dev', 'db'), purged: false }])
})
