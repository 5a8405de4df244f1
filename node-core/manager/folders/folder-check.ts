/**
 * Is this still the data folder that was seen last? A folder that is gone, empty, another's or short of a part would be filled with a new
 * chain and a new identity by a node that starts in it. So it is looked at first, and what is wrong has a code and a card.
 */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeError } from '../../base/errors.ts'
import { storedPeerId } from '../../network/host/identity.ts'
import { readMarker, type SeenData } from './seen-data.ts'

/** What can be wrong with a data folder, by the code of the error that says so. */
export const FOLDER_FAULTS = {
  DATA_FOLDER_GONE: 'gone',
  /** It is there without anything of a node: a place where a disk is mounted looks like that while the disk is away. */
  DATA_FOLDER_EMPTY: 'empty',
  DATA_FOLDER_OTHER_NETWORK: 'other-network',
  /** Of the same network, and not the one that was used here. */
  DATA_FOLDER_OTHER_INSTANCE: 'other-instance',
  DATA_FOLDER_NO_DATABASE: 'no-database',
  DATA_FOLDER_NO_IDENTITY: 'no-identity',
  DATA_FOLDER_NO_KEYS: 'no-keys',
  /** Its blocks end below those that were seen: a copy of earlier. */
  STATE_OLDER_THAN_SEEN: 'older',
  /** While the node ran, another one took its place. */
  DATA_FOLDER_REPLACED: 'replaced',
  DATA_FOLDER_DENIED: 'denied',
  STATE_DB_DENIED: 'denied',
  STATE_DB_READ_ONLY: 'read-only',
  DATA_FOLDER_READ_ONLY: 'read-only',
  DATA_FOLDER_NOT_A_FOLDER: 'not-a-folder',
} as const

export type FolderErrorCode = keyof typeof FOLDER_FAULTS
export type FolderFault = (typeof FOLDER_FAULTS)[FolderErrorCode]

export function isFolderError(code: string): code is FolderErrorCode {
  return Object.hasOwn(FOLDER_FAULTS, code)
}

export interface FolderExpectation {
  readonly dataPath: string
  /** Whether there is a database in it. */
  readonly hasDatabase: boolean
  /** Undefined where nothing was ever seen: the first start of a network. */
  readonly seen: SeenData | undefined
}

/** Throws a NodeError with a {@link FolderErrorCode} where a node must not start in this folder. */
export async function checkDataFolder({ dataPath, hasDatabase, seen }: FolderExpectation): Promise<void> {
  const stats = await stat(dataPath).catch((error: NodeJS.ErrnoException) => error)
  if (stats instanceof Error) return seen === undefined ? undefined : fail(unreachable(stats), dataPath)
  if (!stats.isDirectory()) fail('DATA_FOLDER_NOT_A_FOLDER', dataPath)
  await requireAccess(dataPath)
  if (seen === undefined) return
  const marker = await readMarker(dataPath)
  const peerId = await storedPeerId(dataPath)
  if (marker === undefined) {
    if (peerId === undefined && !hasDatabase) fail('DATA_FOLDER_EMPTY', dataPath)
    // Its marker is lost, or it is a copy from before there were markers: the identity tells whose it is.
    if (peerId !== undefined && seen.peerId !== undefined && peerId !== seen.peerId) fail('DATA_FOLDER_OTHER_INSTANCE', dataPath)
  } else {
    if (marker.network !== seen.network) fail('DATA_FOLDER_OTHER_NETWORK', dataPath)
    if (marker.instance !== seen.instance) fail('DATA_FOLDER_OTHER_INSTANCE', dataPath)
  }
  if (!hasDatabase && seen.database) fail('DATA_FOLDER_NO_DATABASE', dataPath)
  if (seen.peerId !== undefined && !(await exists(join(dataPath, 'network', 'secret_ed25519')))) fail('DATA_FOLDER_NO_IDENTITY', dataPath)
  if (seen.keys && !(await hasKeystore(dataPath))) fail('DATA_FOLDER_NO_KEYS', dataPath)
}

/** Whether a passphrase was ever chosen there: the keystore has it as long as it has any key. */
export function hasKeystore(dataPath: string): Promise<boolean> {
  return exists(join(dataPath, 'keystore', 'passphrase.json'))
}

async function requireAccess(dataPath: string): Promise<void> {
  try {
    await access(dataPath, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    fail((error as NodeJS.ErrnoException).code === 'EROFS' ? 'DATA_FOLDER_READ_ONLY' : 'DATA_FOLDER_DENIED', dataPath)
  }
}

/** Why the folder cannot even be looked at. A disk that was pulled out gives errors of many sorts. */
function unreachable({ code }: NodeJS.ErrnoException): FolderErrorCode {
  if (code === 'EACCES' || code === 'EPERM') return 'DATA_FOLDER_DENIED'
  return code === 'ENOTDIR' ? 'DATA_FOLDER_NOT_A_FOLDER' : 'DATA_FOLDER_GONE'
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
}

export function folderError(code: FolderErrorCode, dataPath: string): NodeError<FolderErrorCode> {
  const { what, hint } = WORDS[code]
  return new NodeError(code, what(dataPath), { data: { path: dataPath }, hint })
}

function fail(code: FolderErrorCode, dataPath: string): never {
  throw folderError(code, dataPath)
}

const RIGHT_ONE = 'Put the right folder there, or start over with an empty one.'

const WORDS: Record<FolderErrorCode, { readonly what: (path: string) => string; readonly hint: string }> = {
  DATA_FOLDER_GONE: {
    what: (path) => `The data folder ${path} is missing: it was moved, renamed or deleted, or its disk is not connected.`,
    hint: 'Restore it, or choose the folder that holds the data now. Nothing was created in its place.',
  },
  DATA_FOLDER_EMPTY: {
    what: (path) => `The data folder ${path} is empty, but had data before: its disk may not be mounted.`,
    hint: 'Mount the disk or restore the data. Nothing was created in the folder.',
  },
  DATA_FOLDER_OTHER_NETWORK: { what: (path) => `The data in ${path} belong to another network.`, hint: RIGHT_ONE },
  DATA_FOLDER_OTHER_INSTANCE: { what: (path) => `The data in ${path} belong to another node of this network.`, hint: RIGHT_ONE },
  DATA_FOLDER_NO_DATABASE: {
    what: (path) => `The database is missing from the data folder ${path}.`,
    hint: 'Restore the database from a backup, or delete instance.json in that folder to start with an empty one. The keys and the identity are still there.',
  },
  DATA_FOLDER_NO_IDENTITY: {
    what: (path) => `The node's identity is missing: ${join(path, 'network', 'secret_ed25519')} is missing.`,
    hint: 'Restore the file from a backup. Without it, peers see a new node; delete instance.json in the data folder to accept that.',
  },
  DATA_FOLDER_NO_KEYS: {
    what: (path) => `The keys are missing: ${join(path, 'keystore')} is missing or incomplete.`,
    hint: 'Restore the folder from a backup, or delete instance.json in the data folder to continue without keys.',
  },
  STATE_OLDER_THAN_SEEN: { what: (path) => `The data in ${path} are older than before.`, hint: RIGHT_ONE },
  DATA_FOLDER_REPLACED: {
    what: (path) => `The data folder ${path} was replaced while the node was running, so the node was stopped.`,
    hint: 'Put the right folder there, then start the node.',
  },
  DATA_FOLDER_DENIED: { what: (path) => `This user may not read and write the data folder ${path}.`, hint: 'Change the permissions, or choose another folder.' },
  STATE_DB_DENIED: { what: (path) => `This user may not read and write the database in ${path}.`, hint: 'Change the permissions.' },
  STATE_DB_READ_ONLY: { what: (path) => `The database in ${path} is on a disk that is mounted read-only.`, hint: 'Mount the disk writable.' },
  DATA_FOLDER_READ_ONLY: { what: (path) => `The data folder ${path} is on a disk that is mounted read-only.`, hint: 'Mount the disk writable. Check it first: a disk with errors is often mounted read-only.' },
  DATA_FOLDER_NOT_A_FOLDER: { what: (path) => `${path} is a file, not a folder.`, hint: 'Remove that file and restore the data folder.' },
}
