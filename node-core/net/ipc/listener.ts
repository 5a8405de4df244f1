/**
 * One listening socket. A Unix socket outlives its process as a file on which nobody answers: such a file is removed, and one on which somebody
 * answers is not, for that is a node at work. (Two nodes that start at the same moment cannot both take the file away from each other: they cannot
 * have the same data folder open.)
 */
import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { NodeError } from '../../base/errors.ts'
import { IpcError } from './errors.ts'
import type { SocketPlace } from './place.ts'

/** Whoever listens accepts at once, however busy: the system does it. */
const PROBE_MS = 2_000

/** Makes the folder of the sockets its user's alone. Throws NET_SOCKET_FOLDER_NOT_PRIVATE where it is somebody else's. */
export async function prepareFolder(place: SocketPlace, uid = process.getuid?.()): Promise<void> {
  if (place.kind === 'pipe') return
  const { folder } = place
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  // A link could lead anywhere tomorrow; a folder of another user is that user's to open.
  if (!found.isDirectory() || (uid !== undefined && found.uid !== uid)) {
    throw new IpcError('NET_SOCKET_FOLDER_NOT_PRIVATE', `${folder} is not a folder of this user, so others could connect to the node in it.`, { hint: 'Remove it and start the node again.', data: { folder } })
  }
  await chmod(folder, 0o700)
}

export class LocalListener {
  readonly path: string
  readonly #server: Server
  readonly #isFile: boolean
  readonly #sockets = new Set<Socket>()
  #listening = false

  /** `onSocket` gets sockets that are paused, and half-open where the other end has ended. */
  constructor(path: string, isFile: boolean, onSocket: (socket: Socket) => void) {
    this.path = path
    this.#isFile = isFile
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      onSocket(socket)
    })
  }

  /** Throws NET_SOCKET_IN_USE where a node listens there, NET_SOCKET_FAILED where nobody can. */
  async start(): Promise<void> {
    if (this.#isFile) await this.#removeStale()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject)
        this.#server.listen(this.path, () => {
          this.#server.off('error', reject)
          resolve()
        })
      })
      this.#listening = true
      this.#server.on('error', () => undefined)
      if (this.#isFile) await chmod(this.path, 0o600)
    } catch (error) {
      await this.stop()
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'EADDRINUSE') throw inUse(this.path)
      throw new IpcError('NET_SOCKET_FAILED', `The local socket ${this.path} could not be opened (${code ?? String(error)}).`, { data: { path: this.path }, cause: error })
    }
  }

  /** Removes the file, and ends all connections. */
  async stop(): Promise<void> {
    if (this.#listening) {
      this.#listening = false
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
      for (const socket of this.#sockets) socket.destroy()
      await closed
    }
  }

  async #removeStale(): Promise<void> {
    const before = await lstat(this.path).catch(() => undefined)
    if (before === undefined) return
    if (!before.isSocket()) throw new IpcError('NET_SOCKET_FAILED', `${this.path} is in the way: it is no socket.`, { hint: 'Move it elsewhere and start the node again.', data: { path: this.path } })
    if (await answers(this.path)) throw inUse(this.path)
    const now = await lstat(this.path).catch(() => undefined)
    if (now !== undefined && now.ino !== before.ino) throw inUse(this.path)
    await rm(this.path, { force: true })
  }
}

/** Somebody listens there. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const done = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    // Whoever is so busy that it does not accept is alive.
    socket.setTimeout(PROBE_MS, () => done(true))
    socket.once('connect', () => done(true))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') return done(false)
      if (code === 'EAGAIN') return done(true)
      socket.destroy()
      reject(new NodeError('NET_SOCKET_FAILED', `It cannot be told whether a node listens on ${path} (${code ?? 'no reason'}).`, { data: { path } }))
    })
  })
}

function inUse(path: string): IpcError {
  return new IpcError('NET_SOCKET_IN_USE', `Another process listens on the local socket ${path}.`, { hint: 'End the other node that uses this data folder.', data: { path } })
}
