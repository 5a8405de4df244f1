/**
 * A gateway in a process of its own whose memory a test watches: it says its address, and when it is asked what it holds after a collection. What is behind it is the
 * test's. Everybody may use it, and says by `X-Forwarded-For` who it is.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../node-core/base/logger.ts'
import { Gateway } from '../../node-core/gateway/gateway.ts'
import { GATEWAY_LIMITS } from '../../node-core/gateway/options.ts'
import { watchMemory, type HeldMemory } from './held-memory.ts'

const ENOUGH = 1_000_000

/** What is behind it, and how many bytes it may hold for all clients. */
export interface GatewayProcessOptions {
  readonly heldBytes: number
  readonly rpcUrl: string
  readonly service: { readonly url: string; readonly token: string }
}

export type FromGatewayProcess = { readonly address: string } | HeldMemory

const measure = watchMemory()
const say = (message: FromGatewayProcess): void => void process.send?.(message)

const { heldBytes, ...upstream } = JSON.parse(process.argv[2] as string) as GatewayProcessOptions
const folder = await mkdtemp(join(tmpdir(), 'nodestead-gateway-process-'))
const gateway = new Gateway(
  { logger: silentLogger },
  {
    host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined, trustedProxies: ['127.0.0.1'], origins: [], upstream, keysFile: join(folder, 'gateway-keys.json'), folder,
    requestLog: undefined, loggedAddresses: 'full', anonymousPerMinute: ENOUGH, addressPerMinute: ENOUGH, allowed: ['nodestead.v1.Node/Info', 'nodestead.v1.Node/WatchLogs'], denied: [], limits: { ...GATEWAY_LIMITS, heldBytes },
  },
)
await gateway.start()
process.on('message', () => {
  say(measure())
})
process.once('disconnect', () => void gateway.stop().then(() => rm(folder, { recursive: true, force: true })).then(() => process.exit(0)))
say({ address: gateway.address })
