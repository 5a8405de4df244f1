/** Programs at the ends of private links: servers on loopback, a client of SOCKS5, and what comes on a connection. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export interface Program {
  readonly port: number
  /** Its open connections. */
  readonly sockets: ReadonlySet<Socket>
  stop(): Promise<void>
}

/** A server that does with each connection what it is told; half-open ones stay. */
export async function listening(onSocket: (socket: Socket) => void): Promise<Program> {
  return started(createServer({ allowHalfOpen: true }, onSocket))
}

/** A server at a port. */
export async function listeningAt(port: number): Promise<Program> {
  return started(createServer(), port)
}

/** A server of the web that says `hello <path>`. */
export async function webServer(): Promise<Program> {
  return started(createHttpServer((request, response) => response.end(`hello ${request.url}`)))
}

async function started(server: Server, port = 0): Promise<Program> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined)
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** A port at which nobody listens. */
export async function freePort(): Promise<number> {
  const program = await listening(() => undefined)
  await program.stop()
  return program.port
}

/** A connection that is half-open where the other end ends. */
export async function dialled(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = dialling(port, host)
  await once(socket, 'connect')
  return socket
}

/** The same, before it is there: it may be reset at once. */
export function dialling(port: number, host = '127.0.0.1'): Socket {
  const socket = connect({ port, host, allowHalfOpen: true })
  return socket.on('error', () => undefined)
}

/** All that comes until the other end ends. Rejects where it resets. */
export async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
  await Promise.race([once(socket, 'end'), once(socket, 'close').then(() => Promise.reject(socket.errored ?? new Error('it was closed')))])
  return Buffer.concat(chunks)
}

/** The code of the error with which a connection ends; undefined where it ends in order. */
export async function endOf(socket: Socket): Promise<string | undefined> {
  socket.resume()
  socket.once('end', () => socket.end())
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve))
  const error: NodeJS.ErrnoException | null = socket.errored
  return error?.code
}

export interface SocksAnswer {
  readonly socket: Socket
  /** RFC 1928, section 6; undefined where the door closed the connection without one. */
  readonly reply: number | undefined
}

/** Asks a SOCKS5 door for a connection. */
export async function throughSocks(port: number, host: string, wanted: number, login?: { readonly user: string; readonly password: string }): Promise<SocksAnswer> {
  const socket = await dialled(port)
  const take = async (length: number): Promise<Buffer | undefined> => {
    for (;;) {
      const bytes: Buffer | null = socket.read(length)
      if (bytes !== null) return bytes.length < length ? undefined : bytes
      if (socket.readableEnded || socket.destroyed) return undefined
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off('readable', go).off('end', go).off('close', go)
          resolve()
        }
        socket.on('readable', go).on('end', go).on('close', go)
      })
    }
  }
  socket.write(login === undefined ? Uint8Array.of(5, 1, 0) : Uint8Array.of(5, 2, 0, 2))
  const method = await take(2)
  if (method?.[1] === 2 && login !== undefined) {
    socket.write(Buffer.from([1, login.user.length, ...Buffer.from(login.user), login.password.length, ...Buffer.from(login.password)]))
    if ((await take(2))?.[1] !== 0) return { socket, reply: undefined }
  } else if (method?.[1] !== 0) return { socket, reply: undefined }
  socket.write(Buffer.from([5, 1, 0, 3, host.length, ...Buffer.from(host), wanted >> 8, wanted & 0xff]))
  const reply = (await take(10))?.[1]
  socket.removeAllListeners('readable')
  return { socket, reply }
}
