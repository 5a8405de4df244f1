/** The program of whoever starts the node on a command line: its token in a file of its owner. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Programs } from '../../../../node-core/net/ipc/programs.ts'
import { ProgramsFile } from '../../../../node-core/net/ipc/programs-file.ts'
import { COMMAND_LINE, programWithFile } from '../../../../node-core/net/ipc/token-file.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'nodestead-token-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

async function programs(): Promise<Programs> {
  const loaded = new Programs({ clock: new FakeClock(), file: new ProgramsFile(folder) })
  await loaded.load()
  return loaded
}

test('is made once, kept over restarts, and made anew where it is gone', async () => {
  const path = join(folder, 'token')
  const first = await programs()
  await programWithFile(first, path)
  const token = (await readFile(path, 'utf8')).trim()
  expect(first.byToken(token)).toMatchObject({ name: COMMAND_LINE })
  expect(first.byToken(token).may.allows('topics', 'any')).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o600)

  const second = await programs()
  await programWithFile(second, path)
  expect(second.byToken(token).name).toBe(COMMAND_LINE)

  await rm(path)
  await programWithFile(second, path)
  expect(() => second.byToken(token)).toThrow(expect.objectContaining({ code: 'NET_TOKEN_UNKNOWN' }))
  expect(second.byToken((await readFile(path, 'utf8')).trim()).name).toBe(COMMAND_LINE)
})

test('is refused where others could read it, or it is of no program, and nothing of it is said', async () => {
  const path = join(folder, 'token')
  const all = await programs()
  await writeFile(path, 'somebodys-token', { mode: 0o600 })
  const unknown = await programWithFile(all, path).catch((error: unknown) => error)
  expect(unknown).toMatchObject({ code: 'NET_TOKEN_FILE_UNKNOWN' })
  expect(String(unknown)).not.toContain('somebodys-token')
  await chmod(path, 0o644)
  await expect(programWithFile(all, path, 'linux')).rejects.toMatchObject({ code: 'NET_TOKEN_FILE_OPEN' })
  await expect(programWithFile(all, join(folder, 'none', 'token'))).rejects.toMatchObject({ code: 'NET_TOKEN_FILE_UNREADABLE' })
  expect(all.list()).toEqual([])
})
