/**
 * Where the data of a network are now, from the folder that a person chose: the folder of the network, its data folder, or the one
 * between. What is found must be the data that were seen last, and not only some of the same network.
 */
import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { NodeError } from '../../base/errors.ts'
import { storedPeerId } from '../../network/host/identity.ts'
import { readMarker, type SeenData } from './seen-data.ts'

export type FindDataErrorCode =
  | 'FOLDER_WITHOUT_DATA'
  | 'FOLDER_OF_OTHER_NETWORK'
  /** Of the same network, and another node's. */
  | 'FOLDER_OF_OTHER_NODE'
  /** It would have to be renamed, and its place is taken or on another disk. */
  | 'FOLDER_NAME_DIFFERS'

export interface WantedData {
  /** The data folder below the network's folder: `chains/<id>`. */
  readonly below: string
  /** The network's folder as it was. */
  readonly folder: string
  /** Undefined where nothing is known: then any data of that place will do. */
  readonly seen: SeenData | undefined
}

/**
 * Gives the network's folder. Where the data folder itself was renamed it is given its name back, on the same disk. Throws a NodeError
 * with a FindDataErrorCode.
 */
export async function findData(chosen: string, { below, folder, seen }: WantedData): Promise<string> {
  const path = resolve(chosen)
  const depth = below.split(/[/\\]/).length
  const inside = await dataIn(join(path, below))
  if (inside !== undefined) return requireSame(inside, seen) && path
  // One level further down: `chains` of `chains/<id>`.
  if (basename(path) === dirname(below) && (await dataIn(join(path, basename(below)))) !== undefined) return findData(dirname(path), { below, folder, seen })
  const itself = await dataIn(path)
  if (itself === undefined) {
    throw new NodeError<FindDataErrorCode>('FOLDER_WITHOUT_DATA', `${path} holds no node data.`, { hint: `Choose the folder that holds ${below}, or that folder itself.` })
  }
  requireSame(itself, seen)
  const above = resolve(path, ...Array.from({ length: depth }, () => '..'))
  if (join(above, below) === path) return above
  await putBack(path, join(folder, below))
  return folder
}

interface FoundData {
  readonly path: string
  readonly marker: SeenData | undefined
  readonly peerId: string | undefined
}

/** Undefined where nothing of a node lies there. */
async function dataIn(path: string): Promise<FoundData | undefined> {
  const isFolder = await stat(path).then((found) => found.isDirectory(), () => false)
  if (!isFolder) return undefined
  const [marker, peerId] = await Promise.all([readMarker(path), storedPeerId(path)])
  return marker === undefined && peerId === undefined ? undefined : { path, marker, peerId }
}

function requireSame({ path, marker, peerId }: FoundData, seen: SeenData | undefined): true {
  if (seen === undefined) return true
  if (marker !== undefined && marker.network !== seen.network) {
    throw new NodeError<FindDataErrorCode>('FOLDER_OF_OTHER_NETWORK', `The data in ${path} belong to another network.`, { hint: 'Choose the folder of this network.' })
  }
  const isSame = marker === undefined ? peerId === seen.peerId : marker.instance === seen.instance
  if (!isSame) {
    throw new NodeError<FindDataErrorCode>('FOLDER_OF_OTHER_NODE', `The data in ${path} belong to another node of this network.`, {
      hint: 'Choose the folder that this node used, or add these data as a separate network.',
    })
  }
  return true
}

/** A data folder that was renamed or put elsewhere on the same disk. */
async function putBack(from: string, to: string): Promise<void> {
  const inTheWay = await readdir(to).catch(() => [])
  try {
    if (inTheWay.length > 0) throw new Error('its place is taken')
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await rename(from, to)
  } catch (cause) {
    throw new NodeError<FindDataErrorCode>('FOLDER_NAME_DIFFERS', `The data are the right ones, but the folder ${from} must be named ${join(basename(dirname(to)), basename(to))}.`, {
      cause,
      hint: `Rename or move it to ${to}, then try again.`,
    })
  }
}
