/**
 * A program for whoever starts the node on a command line: its token lies in a file that only its owner can read, made where there is none. It may use everything
 * that a program may. Where the file holds a token that this node does not know, nobody is let in by it, and the start says so.
 */
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { errorMessage } from '../../base/errors.ts'
import { writeWhole } from '../../base/whole-file.ts'
import { IpcError } from './errors.ts'
import type { Programs } from './programs.ts'
import { WIDEST_SCOPES } from './scopes.ts'

/** The name of the program. */
export const COMMAND_LINE = 'command-line'
const MAX_BYTES = 1024

/** Throws NET_TOKEN_FILE_UNREADABLE, NET_TOKEN_FILE_OPEN, NET_TOKEN_FILE_UNKNOWN; no error holds the token. */
export async function programWithFile(programs: Programs, path: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unreadable(path, error)
  })
  if (found !== undefined) return checkToken(programs, path, found, platform)
  if (programs.list().some(({ name }) => name === COMMAND_LINE)) await programs.revoke(COMMAND_LINE)
  const { token } = await programs.add(COMMAND_LINE, WIDEST_SCOPES)
  await writeWhole(dirname(path), basename(path), token).catch(async (error: unknown) => {
    await programs.revoke(COMMAND_LINE)
    throw unreadable(path, error)
  })
}

async function checkToken(programs: Programs, path: string, { mode, size }: { readonly mode: number; readonly size: number }, platform: NodeJS.Platform): Promise<void> {
  if (platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new IpcError('NET_TOKEN_FILE_OPEN', `Others than its owner can read ${path}, so its token may be known already.`, { hint: 'Remove the file: the node makes a new token.' })
  }
  try {
    if (size > MAX_BYTES) throw new Error('it is too long for a token')
    programs.byToken((await readFile(path, 'utf8')).trim())
  } catch (error) {
    if (!(error instanceof IpcError)) throw unreadable(path, error)
    throw new IpcError('NET_TOKEN_FILE_UNKNOWN', `The token in ${path} is of no program that may use this node.`, { hint: 'Remove the file: the node makes a new token.', cause: error })
  }
}

function unreadable(path: string, error: unknown): IpcError {
  return new IpcError('NET_TOKEN_FILE_UNREADABLE', `The token file ${path} cannot be read or written: ${errorMessage(error)}.`, { hint: 'Choose another path in --net-token-file, in a folder that exists.', cause: error })
}
