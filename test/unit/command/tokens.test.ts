/** `token add`, `list` and `revoke`: what they print, and that a running node counts with it at once. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import type { Call } from '../../../node-core/command/definition/command.ts'
import { readCommandLine } from '../../../node-core/command/reading/command-line.ts'
import { RIVALS } from '../../../node-core/command/flags.ts'
import { Terminal } from '../../../node-core/command/terminal/terminal.ts'
import { Clients } from '../../../node-core/services/rights/clients.ts'
import { ClientsFile } from '../../../node-core/services/rights/clients-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-tokens-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function command(...line: string[]): Promise<{ out: string; notes: string }> {
  const { command: found, values, words } = readCommandLine([...line, '--base-path', folder], { commands: COMMANDS, rivals: RIVALS, env: {} })
  const [out, notes]: [string[], string[]] = [[], []]
  const terminal = new Terminal({ input: Readable.from([]), output: { write: (text) => out.push(text) }, errors: { write: (text) => notes.push(text) } }, { json: values['json'] === true, env: {} })
  await found.run({ values, words, terminal, commands: COMMANDS } as unknown as Call)
  return { out: out.join(''), notes: notes.join('') }
}

it('a token is printed alone, lets its program in at once, and not once it is revoked', async () => {
  const clock = new FakeClock(0)
  // Of the node that runs.
  const clients = new Clients(new ClientsFile(folder), clock)
  await clients.load()
  const { out, notes } = await command('token', 'add', 'watcher', '--scopes', 'submit, read')
  expect(out).toMatch(/^[A-Za-z0-9_-]{43}\n$/)
  expect(notes).toContain('watcher may read, submit')
  const token = out.trim()
  expect(await readFile(join(folder, 'service-clients.json'), 'utf8')).not.toContain(token)
  clock.advance(1_000)
  const client = await clients.byToken(token)
  expect(client).toMatchObject({ name: 'watcher', scopes: ['read', 'submit'] })
  expect(await command('token', 'revoke', 'watcher')).toEqual({ out: 'watcher is let in no more.\n', notes: '' })
  clock.advance(1_000)
  await expect(clients.byToken(token)).rejects.toThrow('The token is of no client')
  expect(client.revoked.aborted).toBe(true)
})

it('the list tells each with its scopes and since when; for programs a line of JSON each', async () => {
  expect(await command('token', 'list')).toEqual({ out: '', notes: 'No program has a token.\n' })
  const { token, ...made } = JSON.parse((await command('token', 'add', 'one', '--json')).out) as Record<string, unknown>
  expect([token, made]).toEqual([expect.any(String), { name: 'one', scopes: ['read'], created: expect.stringMatching(/^\d{4}-/) }])
  await command('token', 'add', 'another', '--scopes', 'admin')
  expect((await command('token', 'list')).out).toMatch(/^one {5} since \S+ {2}read\nanother {2}since \S+ {2}admin\n$/)
  expect((await command('token', 'list', '--json')).out.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([made, expect.objectContaining({ name: 'another', scopes: ['admin'] })])
})

it.each([
  [['add', 'one', '--scopes', 'read,all'], 'OPTIONS_INVALID'],
  [['add', 'one', '--scopes', ','], 'OPTIONS_INVALID'],
  [['add', 'Not a name'], 'SERVICE_CLIENT_NAME_INVALID'],
  [['add', 'known'], 'SERVICE_CLIENT_EXISTS'],
  [['revoke', 'nobody'], 'SERVICE_CLIENT_UNKNOWN'],
])('token %j is refused', async (line, code) => {
  await command('token', 'add', 'known')
  await expect(command('token', ...line)).rejects.toMatchObject({ code })
})
