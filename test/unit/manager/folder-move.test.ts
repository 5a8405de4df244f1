/** A move that is killed in the middle goes on where it was, and loses nothing. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readTree } from '../../../node-core/manager/folders/data-folder.ts'
import { moveFolder, type MoveProgress } from '../../../node-core/manager/folders/folder-move.ts'
import { readJournal } from '../../../node-core/manager/folders/move-journal.ts'

const FILES = 60
let folder: string
let from: string
let to: string
let journalPath: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-move-'))
  from = join(folder, 'from')
  to = join(folder, 'to')
  journalPath = join(folder, 'dev.jsonl')
  await mkdir(join(from, 'chains/dev/db'), { recursive: true })
  for (let i = 0; i < FILES; i++) await writeFile(join(from, 'chains/dev/db', `${i}`.padStart(6, '0')), Buffer.alloc(300_000, i))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function digest(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const { path } of (await readTree(root, ['chains/dev'])).files) hash.update(path).update(await readFile(join(root, path)))
  return hash.digest('hex')
}

function move(signal = new AbortController().signal, onProgress: (progress: MoveProgress) => void = () => undefined): Promise<void> {
  return moveFolder({ network: 'dev', from, to, paths: ['chains/dev'], journalPath, signal, takeBack: () => true, onProgress, onComplete: async () => undefined })
}

/** Starts the move in another process and kills it after some files. */
async function killedAfter(files: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'mover-process.ts'), from, to, journalPath], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.toString().trim().split('\n').some((line) => Number(line) >= files)) child.kill('SIGKILL')
  })
  expect(await ended).toBe('SIGKILL')
}

it('goes on after a kill, without copying twice what was copied', async () => {
  const before = await digest(from)
  await killedAfter(10)
  const record = await readJournal(journalPath)
  expect(record?.complete).toBe(false)
  expect(record?.copied.size).toBeGreaterThanOrEqual(9)
  expect(await digest(from)).toBe(before)

  let first: MoveProgress | undefined
  await move(undefined, (progress) => (first ??= progress))
  expect(first?.filesDone).toBe(record?.copied.size)
  expect(await digest(to)).toBe(before)
  expect(existsSync(from)).toBe(false)
  expect(existsSync(journalPath)).toBe(false)
})

it('copies again what changed since, and drops what is no more', async () => {
  await killedAfter(10)
  await writeFile(join(from, 'chains/dev/db/000001'), 'new')
  await utimes(join(from, 'chains/dev/db/000001'), 1, 1)
  await rm(join(from, 'chains/dev/db/000002'))
  await appendFile(journalPath, '{"step":"copied","pa')
  const before = await digest(from)
  await move()
  expect(await digest(to)).toBe(before)
})

it('does not trust a copy that is shorter than it was', async () => {
  await killedAfter(10)
  const before = await digest(from)
  await writeFile(join(to, 'chains/dev/db/000000'), 'torn')
  await move()
  expect(await digest(to)).toBe(before)
})

it('is taken back when it is cancelled', async () => {
  const before = await digest(from)
  const abort = new AbortController()
  const moved = move(abort.signal, ({ filesDone }) => {
    if (filesDone === 5) abort.abort()
  })
  await expect(moved).rejects.toMatchObject({ code: 'MOVE_CANCELLED' })
  expect(await digest(from)).toBe(before)
  expect(await readdir(folder)).toEqual(['from'])
})

it('once complete only goes forward, even where it is cancelled', async () => {
  const before = await digest(from)
  const failing = { network: 'dev', from, to, paths: ['chains/dev'], journalPath, takeBack: () => true, onProgress: () => undefined }
  const crashed = moveFolder({ ...failing, signal: new AbortController().signal, onComplete: () => Promise.reject(new Error('power cut')) })
  await expect(crashed).rejects.toThrow('power cut')
  expect([await digest(from), await digest(to)]).toEqual([before, before])
  await moveFolder({ ...failing, signal: AbortSignal.abort(), onComplete: async () => undefined })
  expect(await digest(to)).toBe(before)
  expect(existsSync(from)).toBe(false)
})
