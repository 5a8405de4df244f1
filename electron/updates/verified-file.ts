/**
 * A downloaded file lies on the disk until the app quits: it is checked once more before anything is made of it.
 *
 * Where it takes the place of another file, one of the two is there, whole, at every instant: it is copied beside the old
 * one, checked while it is copied, forced to the disk, and only then renamed over it. What fails before leaves the old one.
 */
import { createHash } from 'node:crypto'
import { closeSync, fchmodSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NodeError } from '../../node-core/base/errors.ts'

export type VerifiedFileErrorCode = 'UPDATE_FILE_CHANGED'

const CHUNK_BYTES = 4 * 1024 * 1024

/** `sha512` in base64. Synchronous: it is the last thing that an app does. Throws UPDATE_FILE_CHANGED, or what the file system says. */
export function replaceFile(source: string, target: string, sha512: string, mode = 0o755): void {
  const beside = join(dirname(target), `.nodestead-update-${process.pid}`)
  try {
    copyChecked(source, beside, sha512, mode)
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

/** `sha512` in base64. Throws UPDATE_FILE_CHANGED. */
export function assertUnchanged(path: string, sha512: string): void {
  const file = openSync(path, 'r')
  try {
    assertHash(hashWhile(file, () => undefined), sha512)
  } finally {
    closeSync(file)
  }
}

function copyChecked(source: string, target: string, sha512: string, mode: number): void {
  const from = openSync(source, 'r')
  try {
    // Never through a link or into a file that somebody put there.
    const to = openSync(target, 'wx', mode)
    try {
      const hash = hashWhile(from, (chunk) => {
        for (let written = 0; written < chunk.length; ) written += writeSync(to, chunk, written, chunk.length - written)
      })
      assertHash(hash, sha512)
      fchmodSync(to, mode)
      fsyncSync(to)
    } finally {
      closeSync(to)
    }
  } finally {
    closeSync(from)
  }
}

function hashWhile(file: number, use: (chunk: Uint8Array) => void): string {
  const hash = createHash('sha512')
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    const part = chunk.subarray(0, read)
    hash.update(part)
    use(part)
  }
  return hash.digest('base64')
}

function assertHash(found: string, expected: string): void {
  if (found === expected) return
  throw new NodeError<VerifiedFileErrorCode>('UPDATE_FILE_CHANGED', 'The downloaded version was changed on this computer after it had been checked. It was not installed.', {
    hint: 'Look for updates again; this version goes on.',
  })
}
