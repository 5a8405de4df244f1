/**
 * Taking the port: at every loopback address that the machine has, with the same number.
 *
 * The same number matters: a client that resolves `localhost` may take either address family, and must not end up at
 * another program that holds the port in the other one.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeError, errorMessage } from '../../../base/errors.ts'
import type { RpcOptions } from '../options.ts'
import { portHolder } from './port-holder.ts'

export type ListenErrorCode =
  /** `data.port`, and `data.holder` where it could be found out. */
  | 'RPC_PORT_IN_USE'
  /** The system does not let this user take the port. */
  | 'RPC_PORT_FORBIDDEN'
  | 'RPC_LISTEN_FAILED'

export interface Listening {
  readonly servers: readonly Server[]
  readonly port: number
}

/** With port 0 the number that one address gave may be taken at the other; then another number is tried. */
const ATTEMPTS = 5

/** What the system says where the machine has no such address or not its family. */
const ABSENT = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND'])

/** Makes one server per address and starts it. Where one fails for good, those that had started are closed. */
export async function listenAll(options: Pick<RpcOptions, 'port' | 'listen'>, create: () => Server): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listenOnce(options, create)
    } catch (error) {
      const code = errnoOf(error)
      if (code === 'EADDRINUSE' && options.port === 0 && attempt < ATTEMPTS) continue
      throw await explained(error, options.port)
    }
  }
}

async function listenOnce(options: Pick<RpcOptions, 'port' | 'listen'>, create: () => Server): Promise<Listening> {
  const servers: Server[] = []
  let port = options.port
  let absent: Error | undefined
  try {
    for (const address of options.listen) {
      const server = create()
      try {
        await listen(server, address, port)
      } catch (error) {
        if (!(error instanceof Error) || !ABSENT.has(errnoOf(error) ?? '')) throw error
        absent = error
        continue
      }
      servers.push(server)
      port = (server.address() as AddressInfo).port
    }
    if (servers.length === 0) throw absent ?? new Error('no address to listen at')
    return { servers, port }
  } catch (error) {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
    throw error
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // `ipv6Only` keeps `::` from taking the port in both families and colliding with our own second server.
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

async function explained(error: unknown, port: number): Promise<NodeError<ListenErrorCode>> {
  switch (errnoOf(error)) {
    case 'EADDRINUSE': {
      const holder = await portHolder(port)
      return new NodeError('RPC_PORT_IN_USE', `The RPC port ${port} is in use${holder === undefined ? '' : ` by ${holder}`}.`, {
        data: { port, ...(holder === undefined ? {} : { holder }) },
        hint: 'Stop the other program, or choose another port: --rpc-port on the command line, rpcPort in settings.json of the app.',
        cause: error,
      })
    }
    case 'EACCES':
      return new NodeError('RPC_PORT_FORBIDDEN', `The operating system does not allow this user to open the RPC port ${port}.`, {
        data: { port },
        hint: 'Choose a port above 1023: --rpc-port on the command line, rpcPort in settings.json of the app.',
        cause: error,
      })
    default:
      return new NodeError('RPC_LISTEN_FAILED', `The RPC server could not listen: ${errorMessage(error)}.`, {
        data: { port },
        cause: error,
      })
  }
}
