/**
 * A program's round trip over the local socket against an echo on a bare Unix socket: a message of 64 bytes that it sends on a channel, by the binding for TypeScript, and
 * a request of the daemon's protocol, whose bytes are made once, as those of the echo: clients of it are others' software. One at a time, and 64 at a time. Both ends of
 * both are in this process.
 */
import { createServer, connect, type Socket } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from '@bufbuild/protobuf'
import { systemClock } from '../../node-core/base/clock.ts'
import { Emitter } from '../../node-core/base/events.ts'
import { createLogger } from '../../node-core/base/logger.ts'
import { encodeRequest } from '../../node-core/net/ipc/daemon/messages.ts'
import { Request_Type } from '../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { SocketChannel } from '../../node-core/net/bindings/typescript/channel.ts'
import { Connection } from '../../node-core/net/bindings/typescript/connection.ts'
import { IpcService } from '../../node-core/net/ipc/ipc-service.ts'
import type { IpcPorts } from '../../node-core/net/ipc/ports.ts'
import { Programs } from '../../node-core/net/ipc/programs.ts'
import { ProgramsFile } from '../../node-core/net/ipc/programs-file.ts'
import { Channels, ChannelSchema } from '../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { IpcClient } from '../helpers/ipc-client.ts'
import type { Report } from './report.ts'

const MESSAGE = new Uint8Array(64).fill(7)
const TRIPS = 1_000
/** The first is not counted. */
const ROUNDS = 31
const TOGETHER = 64
const PEER = '12D3KooWGRUVh7sCQ2d6QG8n3e5WgY7pXh1TzyrVfjyUvJ2zzzzz'

/** `ratio`: round trips per second, in those of the bare socket. The goal is 0.5. */
export async function benchIpc(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-ipc-'))
  const echo = createServer((socket) => socket.pipe(socket))
  const programs = new Programs({ clock: systemClock, file: new ProgramsFile(folder) })
  const service = new IpcService({ clock: systemClock, logger: createLogger([], { default: 'error' }, 'ipc'), programs, ports: PORTS, metrics: { read: () => [] } }, { dataFolder: folder })
  try {
    await new Promise<void>((resolve) => echo.listen(join(folder, 'echo.sock'), resolve))
    const bare = connect(join(folder, 'echo.sock'))
    await service.start()
    service.methods.register(Channels.method.send, { scopes: [] }, () => ({}))
    const { token } = await programs.add('bench', [])
    const first = await Connection.open({ path: service.path as string, token })
    const channel = new SocketChannel(first, create(ChannelSchema, { state: { channel: '1' } }))
    const second = await IpcClient.connect(service.path as string)
    await second.hello(token)
    const identify = encodeRequest({ type: Request_Type.IDENTIFY })

    const bareTrip = trips(bare)
    const call = (): Promise<void> => channel.send(MESSAGE)
    const request = async (): Promise<void> => {
      second.send(identify)
      await second.response()
    }
    const rounds: { readonly bare: number; readonly call: number; readonly request: number; readonly bareMany: number; readonly callMany: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        bare: await perSecond(bareTrip, 1),
        call: await perSecond(call, 1),
        request: await perSecond(request, 1),
        bareMany: await perSecond(bareTrip, TOGETHER),
        callMany: await perSecond(call, TOGETHER),
      })
    }
    rounds.shift()
    // The machine has other things to do: what was measured right after the other is compared.
    const tell = (name: string, ours: 'call' | 'request' | 'callMany', theirs: 'bare' | 'bareMany'): void => {
      const told = (of: typeof ours | typeof theirs): string => `${(median(rounds.map((round) => round[of])) / 1000).toFixed(1)}k/s`
      report(name, median(rounds.map((round) => round[ours] / round[theirs])), `${told(ours)} against ${told(theirs)}`)
    }
    tell('IPC call, one at a time, in bare round trips (goal >= 0.5)', 'call', 'bare')
    tell('daemon request, one at a time (goal >= 0.5)', 'request', 'bare')
    tell(`IPC calls, ${TOGETHER} at a time`, 'callMany', 'bareMany')
    bare.destroy()
    first.close()
    second.close()
  } finally {
    await service.stop()
    echo.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Round trips on the echo, answered in order: one message of a fixed length each. */
function trips(socket: Socket): () => Promise<void> {
  const waiting: (() => void)[] = []
  let bytes = 0
  socket.on('data', (chunk) => {
    for (bytes += chunk.length; bytes >= MESSAGE.length; bytes -= MESSAGE.length) waiting.shift()?.()
  })
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      socket.write(MESSAGE)
    })
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN
}

async function perSecond(trip: () => Promise<void>, together: number): Promise<number> {
  let begun = 0
  const start = performance.now()
  const one = async (): Promise<void> => {
    while (begun++ < TRIPS) await trip()
  }
  await Promise.all(Array.from({ length: together }, one))
  return (TRIPS * 1000) / (performance.now() - start)
}

/** Nobody is asked for anything but the id. */
const PORTS: IpcPorts = {
  streams: {
    peerId: PEER,
    addresses: () => [],
    serve: () => () => undefined,
    open: () => Promise.reject(new Error('no peers')),
    reach: () => Promise.reject(new Error('no peers')),
    connections: () => [],
    events: new Emitter(),
    disconnect: () => Promise.resolve(),
    get routing(): never {
      throw new Error('no table')
    },
  },
  pubsub: undefined,
  peers: { tag: () => Promise.resolve(), untag: () => Promise.resolve(), trim: () => Promise.resolve(), known: () => Promise.resolve(undefined) },
  events: { listen: () => () => undefined },
  isReserved: () => false,
}
