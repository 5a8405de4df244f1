import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Programs } from '../../../../node-core/net/ipc/programs.ts'
import { ProgramsFile } from '../../../../node-core/net/ipc/programs-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-programs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function programs(): Promise<Programs> {
  const made = new Programs({ clock: new FakeClock(1234), file: new ProgramsFile(folder) })
  await made.load()
  return made
}

const refused = (code: string): Error => expect.objectContaining({ code }) as Error

describe('a program', () => {
  it('is known by its token, which is nowhere else', async () => {
    const all = await programs()
    const { program, token } = await all.add('mailer', ['streams', 'sealed:mail'])
    expect(program).toEqual({ name: 'mailer', scopes: ['streams', 'sealed:mail'], ownSocket: false, created: 1234 })
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(all.byToken(token)).toMatchObject({ name: 'mailer', scopes: ['streams', 'sealed:mail'] })
    expect(await readFile(join(folder, 'programs.json'), 'utf8')).not.toContain(token)
    expect(JSON.stringify(all.list())).not.toContain(token)
  })

  it('is there after a restart', async () => {
    const { token } = await (await programs()).add('mailer', ['dht'])
    expect((await programs()).byToken(token).may.has('dht')).toBe(true)
  })

  it('is not let in with another token', async () => {
    const all = await programs()
    const { token } = await all.add('mailer', [])
    for (const wrong of ['', 'x', token.slice(1), `${token} `]) expect(() => all.byToken(wrong)).toThrow(refused('NET_TOKEN_UNKNOWN'))
  })

  it('that is revoked is not let in any more, nor after a restart', async () => {
    const all = await programs()
    const { token } = await all.add('mailer', [], { ownSocket: true })
    await all.revoke('mailer')
    expect(() => all.byToken(token)).toThrow(refused('NET_TOKEN_UNKNOWN'))
    expect(() => all.byOwnSocket('mailer')).toThrow(refused('NET_PROGRAM_UNKNOWN'))
    expect((await programs()).list()).toEqual([])
  })

  it('has a socket of its own only where that is switched on', async () => {
    const all = await programs()
    await all.add('old-client', ['streams'])
    expect(() => all.byOwnSocket('old-client')).toThrow(refused('NET_PROGRAM_UNKNOWN'))
    await all.change('old-client', { ownSocket: true })
    expect(all.byOwnSocket('old-client').name).toBe('old-client')
  })

  it('keeps its token when its scopes change', async () => {
    const all = await programs()
    const { token } = await all.add('mailer', ['dht'])
    await all.change('mailer', { scopes: ['streams', 'streams'] })
    expect(all.byToken(token).scopes).toEqual(['streams'])
  })

  it('tells when it comes, changes and goes', async () => {
    const all = await programs()
    const told: string[] = []
    for (const event of ['added', 'changed', 'revoked'] as const) all.events.on(event, ({ name }) => told.push(`${event} ${name}`))
    await all.add('a', [])
    await all.change('a', { scopes: ['dht'] })
    await all.revoke('a')
    expect(told).toEqual(['added a', 'changed a', 'revoked a'])
  })

  it.each(['', 'A', '-a', 'a.b', '../x', 'nodestead', 'x'.repeat(33)])('is not called %j', async (name) => {
    await expect((await programs()).add(name, [])).rejects.toThrow(refused('NET_PROGRAM_NAME_INVALID'))
  })

  it('has a name of its own and scopes that are some', async () => {
    const all = await programs()
    await all.add('a', [])
    await expect(all.add('a', [])).rejects.toThrow(refused('NET_PROGRAM_EXISTS'))
    await expect(all.add('b', ['keys'])).rejects.toThrow(refused('NET_SCOPE_INVALID'))
    await expect(all.change('b', {})).rejects.toThrow(refused('NET_PROGRAM_UNKNOWN'))
    await expect(all.revoke('b')).rejects.toThrow(refused('NET_PROGRAM_UNKNOWN'))
  })
})

describe('the file', () => {
  const path = (): string => join(folder, 'programs.json')

  it.skipIf(process.platform === 'win32')('is its owner’s alone', async () => {
    await (await programs()).add('a', [])
    expect((await stat(path())).mode & 0o777).toBe(0o600)
  })

  it.skipIf(process.platform === 'win32')('that others can read or write lets nobody in', async () => {
    await (await programs()).add('a', [])
    await chmod(path(), 0o620)
    await expect(programs()).rejects.toThrow(refused('NET_PROGRAMS_FILE_OPEN'))
  })

  it.each([
    ['damaged', '{"version":1,'],
    ['of a later version', '{"version":2,"programs":[]}'],
    ['with a scope that is none', JSON.stringify({ version: 1, programs: [{ name: 'a', tokenHash: '0'.repeat(64), scopes: ['everything'], ownSocket: false, created: 0 }] })],
    ['with a name that leads elsewhere', JSON.stringify({ version: 1, programs: [{ name: '../a', tokenHash: '0'.repeat(64), scopes: [], ownSocket: true, created: 0 }] })],
    ['with a hash that is none', JSON.stringify({ version: 1, programs: [{ name: 'a', tokenHash: '', scopes: [], ownSocket: false, created: 0 }] })],
  ])('that is %s lets nobody in', async (_name, text) => {
    await writeFile(path(), text, { mode: 0o600 })
    await expect(programs()).rejects.toThrow(expect.objectContaining({ code: expect.stringMatching(/^NET_/) }) as Error)
  })

  it('that cannot be written changes nothing', async () => {
    const all = await programs()
    const { token } = await all.add('a', [])
    await rm(folder, { recursive: true })
    await writeFile(folder, 'no folder')
    await expect(all.revoke('a')).rejects.toThrow()
    expect(all.byToken(token).name).toBe('a')
    await rm(folder)
  })
})
