import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { treeInfo } from '../../../build/build-info.ts'

let folder: string

function git(...args: string[]): string {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false']
  const env = { ...process.env, GIT_COMMITTER_DATE: '2026-11-25T18:00:00+02:00' }
  return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-tree-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('is the commit and its time, in UTC; changes are told', async () => {
  git('init')
  await writeFile(join(folder, 'a'), 'a')
  git('add', 'a')
  git('commit', '-m', 'a')
  const commit = git('rev-parse', 'HEAD')
  expect(await treeInfo(folder, undefined)).toEqual({ commit, time: '2026-11-25T16:00:00Z', dirty: false })
  await writeFile(join(folder, 'a'), 'b')
  expect(await treeInfo(folder, '1700000000')).toEqual({ commit, time: '2023-11-14T22:13:20Z', dirty: true })
})

it('knows no commit where there is no repository', async () => {
  expect(await treeInfo(folder, undefined)).toEqual({ dirty: false })
  expect(await treeInfo(folder, '0')).toEqual({ time: '1970-01-01T00:00:00Z', dirty: false })
})

it('refuses a SOURCE_DATE_EPOCH that is no time', async () => {
  await expect(treeInfo(folder, 'yesterday')).rejects.toThrow('SOURCE_DATE_EPOCH is "yesterday"')
})
