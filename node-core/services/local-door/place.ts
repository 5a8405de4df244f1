/**
 * Where a running node is found by programs of its user, from its base folder alone: a local socket for the service API (HTTP/1.1 and HTTP/2 without
 * TLS, as on its port), and a token for it. Whoever only calls needs nothing but this file.
 *
 * The socket is `services.sock` in the base folder. Where that path is too long for a socket, it lies in a short folder, and `services.sock` is a link to it: the
 * caller's surroundings may be others than the node's. On Windows it is a named pipe. The token, good for everything, is new at each start and gone after a proper stop;
 * one that a killed node left is worth nothing. It is asked for on the socket as well, because more than its owner may open a pipe. A request says `Host: localhost`.
 */
import { readlinkSync, realpathSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { socketPath, socketPlace, surroundings, type SocketPlace, type Surroundings } from '../../net/ipc/place.ts'

export const TOKEN_FILE = 'service-local.token'
/** Of the socket, without `.sock`. */
export const SOCKET_NAME = 'services'
export const SOCKET_FILE = `${SOCKET_NAME}.sock`

export interface LocalDoor {
  /** To connect to: a Unix socket, or a pipe of Windows. */
  readonly socketPath: string
  /** One line; its owner's alone. Read it when the connection stands, so that it is the token of the node that answers. */
  readonly tokenPath: string
}

/** Of the node whose base folder this is; nothing has to be there. Throws NET_SOCKET_PATH_TOO_LONG. */
export function localDoor(basePath: string, around: Surroundings = surroundings()): LocalDoor {
  const folder = folderOf(basePath)
  const place = doorPlace(folder, around)
  const linked = place.kind === 'unix' && place.isFallback ? linkedFrom(join(folder, SOCKET_FILE)) : undefined
  return { socketPath: linked ?? socketPath(place, SOCKET_NAME), tokenPath: join(folder, TOKEN_FILE) }
}

/** The same for every way to write it: relative, through links, and in the case that Windows keeps. */
export function folderOf(basePath: string): string {
  const absolute = resolve(basePath)
  try {
    return realpathSync.native(absolute)
  } catch {
    return absolute
  }
}

export function doorPlace(folder: string, around: Surroundings): SocketPlace {
  return socketPlace(folder, around, { own: folder, longestName: SOCKET_FILE.length })
}

function linkedFrom(path: string): string | undefined {
  try {
    const target = readlinkSync(path)
    return isAbsolute(target) ? target : undefined
  } catch {
    return undefined
  }
}
