/**
 * The node's side of the local door (place.ts): the socket listens, and costs nothing until somebody comes. First the socket, then the token: whoever holds the
 * socket is the node of this folder, so that no other node's token is written over, and no token is given to whoever took the socket's name before.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, rm, symlink } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { writeWhole } from '../../base/whole-file.ts'
import { LocalListener, prepareFolder } from '../../net/ipc/listener.ts'
import { socketPath, surroundings, type Surroundings } from '../../net/ipc/place.ts'
import type { Client } from '../rights/clients.ts'
import { SCOPE_NAMES, type ScopeName } from '../rights/scopes.ts'
import { doorPlace, folderOf, SOCKET_FILE, SOCKET_NAME, TOKEN_FILE } from './place.ts'

/** No client of the list can have this name. */
const CALLER = 'local socket'

interface Caller {
  readonly hash: Buffer
  readonly client: Client
}

export class Door {
  readonly #basePath: string
  readonly #around: Surroundings
  readonly #onSocket: (socket: Socket) => void
  readonly #now: number
  /** By name. */
  readonly #callers = new Map<string, Caller>()
  #token: string | undefined
  #listener: LocalListener | undefined
  /** What lies beside the socket. */
  #files: readonly string[] = []

  /** `onSocket` gets sockets that are paused. `now` in milliseconds since the Unix epoch. */
  constructor(basePath: string, onSocket: (socket: Socket) => void, now: number, around: Surroundings = surroundings()) {
    this.#basePath = basePath
    this.#around = around
    this.#onSocket = onSocket
    this.#now = now
    this.#token = this.addCaller(CALLER, SCOPE_NAMES)
  }

  /** Undefined where it is not open. */
  get path(): string | undefined {
    return this.#listener?.path
  }

  /** Throws NET_SOCKET_{PATH_TOO_LONG,IN_USE,FOLDER_NOT_PRIVATE,FAILED}, and what the file system says. */
  async start(): Promise<void> {
    await mkdir(this.#basePath, { recursive: true, mode: 0o700 })
    const folder = folderOf(this.#basePath)
    const place = doorPlace(folder, this.#around)
    const isElsewhere = place.kind === 'unix' && place.isFallback
    if (isElsewhere) await prepareFolder(place, this.#around.uid)
    const listener = new LocalListener(socketPath(place, SOCKET_NAME), place.kind === 'unix', this.#onSocket)
    await listener.start()
    this.#listener = listener
    try {
      const link = join(folder, SOCKET_FILE)
      if (isElsewhere) {
        await rm(link, { force: true })
        await symlink(listener.path, link)
      }
      this.#files = [join(folder, TOKEN_FILE), ...(isElsewhere ? [link] : [])]
      await writeWhole(folder, TOKEN_FILE, this.#token ?? '')
      this.#token = undefined
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** A token for a part of this program, of these scopes alone. It is kept nowhere; one of the same name is worth nothing from here on. */
  addCaller(name: string, scopes: readonly ScopeName[]): string {
    const token = randomBytes(32).toString('base64url')
    this.#callers.set(name, { hash: digest(token), client: { name, scopes, created: this.#now, revoked: new AbortController().signal } })
    return token
  }

  /** Whose token it is: the user's who runs the node, that of a part of this program, or nobody's here. */
  callerOf(token: string): Client | undefined {
    const hash = digest(token)
    return [...this.#callers.values()].find((caller) => timingSafeEqual(hash, caller.hash))?.client
  }

  /** Idempotent. Ends all connections. */
  async stop(): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    for (const file of this.#files) await rm(file, { force: true }).catch(() => undefined)
    this.#files = []
    await listener?.stop()
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
