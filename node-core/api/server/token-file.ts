/**
 * The dashboard's token in a file of its owner, so that it outlives the node's process: whoever manages this node from elsewhere
 * finds it again after a restart. The token opens everything that the dashboard can do, so the file is treated like a key:
 * made with mode 0600, and refused where others can read it, for then others may have read it already.
 */
import { randomBytes } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { NodeError } from '../../base/errors.ts'

export type TokenFileErrorCode =
  /** Others than its owner can read it, or its owner is somebody else. */
  | 'DASHBOARD_TOKEN_FILE_OPEN'
  /** What it holds is no token. */
  | 'DASHBOARD_TOKEN_FILE_INVALID'
  | 'DASHBOARD_TOKEN_FILE_UNREADABLE'

/** 32 random bytes in base64url: 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What a token looks like, ours or one that somebody chose: at least as long as 24 random bytes. */
export const TOKEN_FORM = /^[A-Za-z0-9_-]{32,128}$/

/** A token with some room for an end of line, and not a disk image. */
const MAX_BYTES = 1024

/** The token in the file at `path`, which is made where there is none. Throws a NodeError {@link TokenFileErrorCode}; no error holds the token. */
export async function tokenFrom(path: string, platform: NodeJS.Platform = process.platform): Promise<string> {
  return (await made(path)) ?? (await kept(path, platform))
}

/** Undefined where there is a file already. */
async function made(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined
    throw unreadable('made', path, error, 'Make its folder first, or choose another place.')
  }
  const token = newToken()
  try {
    await file.writeFile(`${token}\n`)
    await file.sync()
  } catch (error) {
    throw unreadable('written', path, error, 'Make room for it, delete what there is of it, and start the node again.')
  } finally {
    await file.close()
  }
  return token
}

async function kept(path: string, platform: NodeJS.Platform): Promise<string> {
  let text: string
  try {
    const file = await open(path, 'r')
    try {
      const found = await file.stat()
      if (!found.isFile() || found.size > MAX_BYTES) throw invalid(path)
      if (platform !== 'win32') refuseOpenOnes(path, found.mode, found.uid)
      text = await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw unreadable('read', path, error, 'Make it readable for the user that the node runs as.')
  }
  const token = text.trim()
  if (!TOKEN_FORM.test(token)) throw invalid(path)
  return token
}

function refuseOpenOnes(path: string, mode: number, uid: number): void {
  const others = (mode & 0o077) !== 0
  const own = process.getuid?.()
  // The system's administrator reads every file, whosever it is.
  if (!others && (own === undefined || uid === own || uid === 0)) return
  throw new NodeError<TokenFileErrorCode>('DASHBOARD_TOKEN_FILE_OPEN', `The dashboard token in ${path} is not private: ${others ? 'other users can read the file' : 'another user owns the file'}.`, {
    hint: 'Whoever has read the token can manage this node. Delete the file: the node creates a new one that only you can read.',
    data: { path },
  })
}

function invalid(path: string): NodeError<TokenFileErrorCode> {
  return new NodeError('DASHBOARD_TOKEN_FILE_INVALID', `${path} holds no valid dashboard token: a token has 32 to 128 letters, digits, - and _.`, {
    hint: 'Delete the file, and the node creates a new one; or name another file with --dashboard-token-file.',
    data: { path },
  })
}

function unreadable(what: string, path: string, cause: unknown, hint: string): NodeError<TokenFileErrorCode> {
  return new NodeError('DASHBOARD_TOKEN_FILE_UNREADABLE', `The dashboard token file ${path} could not be ${what} (${codeOf(cause) ?? String(cause)}).`, { hint, data: { path }, cause })
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
