/** That two runs of the tests in one folder do not take away each other's files. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runAlone } from '../../../build/run-lock.ts'
import { BuildError } from '../../../build/terminal.ts'

let folder: string
let lock: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-lock-'))
  lock = join(folder, 'out', 'tests.lock')
})
afterEach(() => rm(folder, { recursive: true }))

it('a second run is refused while the first one works, and told by which process; after it there is room again', async () => {
  await runAlone(async () => {
    const second = runAlone(async () => 'second', lock)
    await expect(second).rejects.toThrow(BuildError)
    await expect(second).rejects.toThrow(`Process ${process.pid} runs tests in this folder`)
  }, lock)
  expect(existsSync(lock)).toBe(false)
  expect(await runAlone(async () => 'again', lock)).toBe('again')
})

it('a run that fails leaves room for the next', async () => {
  await expect(runAlone(async () => Promise.reject(new Error('it failed')), lock)).rejects.toThrow('it failed')
  expect(await runAlone(async () => 'next', lock)).toBe('next')
})

it.each([['of a process that has ended', String(spawnSync(process.execPath, ['--version']).pid)], ['without a process', '']])('a file %s is in nobody’s way', async (_, content) => {
  await runAlone(async () => undefined, lock)
  await writeFile(lock, content)
  expect(await runAlone(async () => 'it works', lock)).toBe('it works')
})
