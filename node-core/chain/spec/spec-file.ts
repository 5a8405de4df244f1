/**
 * Reading a chain specification that somebody else may have named: a regular file, of a size that such files have. A pipe
 * would keep its reader waiting for ever, a device may do anything, and what is too large ends the app.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errorMessage } from '../../base/errors.ts'
import { ChainSpecError } from './errors.ts'

/** Polkadot's has 6 MB. The command line takes larger ones, and pipes: who types there knows what. */
export const MAX_SPEC_BYTES = 64 * 1024 * 1024

/** Throws a {@link ChainSpecError}. */
export async function readSpecFile(path: string): Promise<string> {
  const notThere = (why: string, cause?: unknown): ChainSpecError =>
    new ChainSpecError('CHAIN_SPEC_NOT_FOUND', `The chain specification ${path} cannot be read: ${why}.`, { data: { path }, hint: 'Choose the file of a chain specification.', cause })
  // Opened so, a pipe does not wait for its other end.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    throw notThere(whyUnreadable(error), error)
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw notThere(stats.isDirectory() ? 'it is a folder' : 'it is no file')
    if (stats.size > MAX_SPEC_BYTES) {
      throw new ChainSpecError('CHAIN_SPEC_TOO_LARGE', `${path} has ${Math.ceil(stats.size / 1e6)} MB; the limit for a chain specification is ${Math.floor(MAX_SPEC_BYTES / 1e6)} MB.`, {
        hint: 'Choose another file, or start the node from the command line: --chain has no such limit.',
      })
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'you have no permission to read it'
  if (code === 'EISDIR') return 'it is a folder'
  return errorMessage(error)
}
