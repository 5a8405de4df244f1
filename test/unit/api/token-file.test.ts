/** The dashboard's token in a file: made once, found again, and refused where it is nobody's secret any more. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newToken, TOKEN_FORM, tokenFrom } from '../../../node-core/api/server/token-file.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-token-'))
  path = join(folder, 'token')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const posix = process.platform === 'win32' ? it.skip : it

describe('the token file', () => {
  it('is made with a random token, and gives the same one at the next start', async () => {
    const token = await tokenFrom(path)
    expect(token).toMatch(TOKEN_FORM)
    expect(await tokenFrom(path)).toBe(token)
    expect(await tokenFrom(join(folder, 'other'))).not.toBe(token)
  })

  // Windows has no such modes; there the folder's own list says who may read.
  posix('is its owner’s alone', async () => {
    await tokenFrom(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  posix.each([0o640, 0o604, 0o660, 0o620])('is refused where others have a share in it: mode %o', async (mode) => {
    const token = await tokenFrom(path)
    await chmod(path, mode)
    const error: unknown = await tokenFrom(path).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'DASHBOARD_TOKEN_FILE_OPEN', hint: expect.stringContaining('Delete the file') as string })
    expect(JSON.stringify(error) + String(error)).not.toContain(token)
    expect(await tokenFrom(path, 'win32')).toBe(token)
  })

  it.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['too little', 'short'],
    ['too much', 'a'.repeat(129)],
    ['two lines', `${'a'.repeat(40)}\n${'b'.repeat(40)}`],
    ['other letters', 'ü'.repeat(40)],
    ['much more', 'a'.repeat(5000)],
  ])('is refused where it holds no token: %s', async (_what, text) => {
    await writeFile(path, text, { mode: 0o600 })
    await expect(tokenFrom(path)).rejects.toMatchObject({ code: 'DASHBOARD_TOKEN_FILE_INVALID' })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('takes a token that somebody chose, with or without an end of line', async () => {
    for (const end of ['', '\n', '\r\n']) {
      await writeFile(path, `${'chosen-by_hand'.repeat(3)}${end}`, { mode: 0o600 })
      expect(await tokenFrom(path)).toBe('chosen-by_hand'.repeat(3))
    }
  })

  it('says what is the matter where it cannot be made or read', async () => {
    await expect(tokenFrom(join(folder, 'nowhere', 'token'))).rejects.toMatchObject({ code: 'DASHBOARD_TOKEN_FILE_UNREADABLE', hint: 'Make its folder first, or choose another place.' })
    await expect(tokenFrom(folder)).rejects.toMatchObject({ code: 'DASHBOARD_TOKEN_FILE_INVALID' })
  })
})

it('two tokens are never the same', () => {
  expect(new Set(Array.from({ length: 100 }, newToken)).size).toBe(100)
})
