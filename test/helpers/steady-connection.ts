/**
 * smoldot beside an authority in real time, for as long as one likes: does it stay, and does it see every block?
 *
 * Both sides' keep-alives and time-outs run on the computer's clock here, because half of them are smoldot's own.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, type LogRecord } from '../../node-core/base/logger.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'
import { readChainFile } from './chain-files.ts'
import { LightClient, type Transport } from './light-client.ts'

export interface Steadiness {
  readonly transport: Transport
  /** Headers that smoldot verified, and the best block of ours at the end. */
  readonly verified: number
  readonly authored: number
  readonly finalized: number
  /** What smoldot held against us, connections that ended included. */
  readonly complaints: readonly string[]
  /** Times that our side lost or refused a topic of any peer. */
  readonly closed: number
  readonly bans: number
}

export async function watchConnections(ms: number, transports: readonly Transport[], onMinute?: (line: string) => void): Promise<Steadiness[]> {
  const basePath = await mkdtemp(join(tmpdir(), 'nodestead-steady-'))
  const logs: LogRecord[] = []
  const options = nodeOptionsSchema.parse({
    chain: 'dev', basePath, validator: true, account: 'alice', rpc: { port: 0 }, network: { port: 0, mdns: false, listenAddrs: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
  })
  const node = await Node.create({ spec: readChainFile('dev'), options, logger: createLogger([(record) => logs.push(record)], { default: 'debug' }) })
  await node.start()
  const clients = transports.map((transport) => ({ transport, light: new LightClient(node, transport) }))
  try {
    for (const { light } of clients) light.client.bestBlocks$.subscribe({ error: (error) => light.log.push(`client connection-error ${String(error)}`) })
    const result = (): Steadiness[] =>
      clients.map(({ transport, light }) => ({
        transport,
        verified: light.log.filter((line) => line.includes('header-verify-success')).length,
        authored: node.blocks.best().number,
        finalized: node.blocks.finalized().number,
        complaints: light.complaints(),
        closed: logs.filter(({ message }) => / closed$/.test(message)).length,
        bans: node.network.bans().length,
      }))
    for (let passed = 0; passed < ms; passed += 60_000) {
      await pause(Math.min(60_000, ms - passed))
      onMinute?.(result().map((one) => `${one.transport}: ${one.verified} of ${one.authored} blocks, ${one.finalized} final, ${one.complaints.length} complaints`).join('; '))
    }
    return result()
  } finally {
    for (const { light } of clients) await light.stop()
    await node.stop()
    await rm(basePath, { recursive: true, force: true })
  }
}
