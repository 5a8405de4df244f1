/**
 * Where the sockets lie. A Unix socket is a file in a folder that only its user can enter, so that the file system says who may connect. The path of one has
 * a limit that is lower than any other path's (108 bytes on Linux, 104 on macOS, with a zero at the end): below a long data folder it does not fit, and the
 * sockets go to a short folder named after a digest of the long one. Windows has pipes by name, which its user and administrators can open.
 */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IpcError } from './errors.ts'

/** Of the socket that all programs share. No program is called so. */
export const COMMON_SOCKET = 'nodestead'

export interface Surroundings {
  readonly platform: NodeJS.Platform
  /** `XDG_RUNTIME_DIR`, where the system has it: of this user, gone when the user has logged out. */
  readonly runtimeFolder: string | undefined
  readonly temporaryFolder: string
  /** Of the user; undefined on Windows. */
  readonly uid: number | undefined
}

/** As they are for this process. */
export function surroundings(given: Partial<Surroundings> = {}): Surroundings {
  return { platform: process.platform, runtimeFolder: process.env['XDG_RUNTIME_DIR'], temporaryFolder: tmpdir(), uid: process.getuid?.(), ...given }
}

export type SocketPlace =
  /** The folder has to be made. */
  { readonly kind: 'unix'; readonly folder: string; readonly isFallback: boolean } | { readonly kind: 'pipe'; readonly prefix: string }

/** The longest name of a socket, with `.sock`. */
const MAX_NAME_BYTES = 32 + '.sock'.length

/** The path's bytes without the zero at its end. */
export function longestPath(platform: NodeJS.Platform): number {
  return platform === 'linux' || platform === 'android' ? 107 : 103
}

export interface PlaceOptions {
  /** Where they lie unless that is too long; the default is `ipc` in the data folder. */
  readonly own?: string
  /** Bytes of the longest name, with `.sock`. */
  readonly longestName?: number
}

/** For the sockets of the node whose data are in `dataFolder`. Throws NET_SOCKET_PATH_TOO_LONG where no folder is short enough. */
export function socketPlace(dataFolder: string, { platform, runtimeFolder, temporaryFolder, uid }: Surroundings, { own = join(dataFolder, 'ipc'), longestName = MAX_NAME_BYTES }: PlaceOptions = {}): SocketPlace {
  const digest = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)
  if (platform === 'win32') return { kind: 'pipe', prefix: `\\\\?\\pipe\\nodestead-${digest}-` }
  const room = longestPath(platform) - longestName - 1
  if (Buffer.byteLength(own) <= room) return { kind: 'unix', folder: own, isFallback: false }
  const short = [
    ...(runtimeFolder === undefined || runtimeFolder === '' ? [] : [join(runtimeFolder, `nodestead-${digest}`)]),
    join(temporaryFolder, `nodestead-${uid ?? 0}-${digest}`),
  ].find((folder) => Buffer.byteLength(folder) <= room)
  if (short !== undefined) return { kind: 'unix', folder: short, isFallback: true }
  throw new IpcError('NET_SOCKET_PATH_TOO_LONG', `The path of a local socket may have ${longestPath(platform)} bytes at most, and ${own} is too long for one.`, {
    hint: 'Choose a data folder with a shorter path.',
    data: { folder: own, longest: longestPath(platform) },
  })
}

/** On which to listen. */
export function socketPath(place: SocketPlace, name: string): string {
  return place.kind === 'pipe' ? `${place.prefix}${name}` : join(place.folder, `${name}.sock`)
}
