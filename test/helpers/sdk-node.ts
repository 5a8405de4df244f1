/**
 * A node of polkadot-sdk as a process beside ours, on loopback alone: the counterpart whose answers we do not write.
 *
 * The program is the one that `POLKADOT_SDK_NODE` names, or `polkadot` on the path. It is asked over its own JSON-RPC.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface SdkOptions {
  readonly program: string
  /** Path of a chain specification. */
  readonly chain: string
  readonly bootnodes?: readonly string[]
  /** Further flags, as on its command line. */
  readonly flags?: readonly string[]
}

export interface SdkSyncState {
  readonly best: number
  readonly finalized: number
  readonly peers: number
}

const LOG_LINES = 5_000
const STOP_MS = 10_000

export class SdkNode {
  readonly address: string
  readonly log: string[] = []
  readonly #child: ChildProcess
  readonly #rpcPort: number
  readonly #folder: string

  /** Undefined where there is none on this computer. */
  static async find(): Promise<string | undefined> {
    const named = process.env['POLKADOT_SDK_NODE']
    const candidates = named === undefined ? (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'polkadot')) : [named]
    for (const candidate of candidates) if (await access(candidate).then(() => true, () => false)) return candidate
    return undefined
  }

  static async start({ program, chain, bootnodes = [], flags = [] }: SdkOptions): Promise<SdkNode> {
    const [peerPort, rpcPort] = [await freePort(), await freePort()]
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-sdk-'))
    const args = [
      '--chain', chain, '--base-path', folder, '--listen-addr', `/ip4/127.0.0.1/tcp/${peerPort}`, '--rpc-port', String(rpcPort),
      '--no-mdns', '--no-telemetry', '--no-prometheus', '--no-hardware-benchmarks', '--db', 'paritydb', '--unsafe-force-node-key-generation',
      '-l', 'sync=debug,sub-libp2p=debug,grandpa=debug', ...flags, ...(bootnodes.length === 0 ? [] : ['--bootnodes', ...bootnodes]),
    ]
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const node = new SdkNode(child, `/ip4/127.0.0.1/tcp/${peerPort}`, rpcPort, folder)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      node.log.push(...text.split('\n').filter((line) => line !== ''))
      node.log.splice(0, Math.max(0, node.log.length - LOG_LINES))
    })
    return node
  }

  private constructor(child: ChildProcess, address: string, rpcPort: number, folder: string) {
    this.address = address
    this.#child = child
    this.#rpcPort = rpcPort
    this.#folder = folder
  }

  get exited(): boolean {
    return this.#child.exitCode !== null
  }

  /** Where others reach it, its peer id included. */
  async multiaddress(): Promise<string> {
    return `${this.address}/p2p/${await this.call<string>('system_localPeerId')}`
  }

  async syncState(): Promise<SdkSyncState> {
    const [best, finalized, health] = await Promise.all([this.#height(), this.#finalized(), this.call<{ peers: number }>('system_health')])
    return { best, finalized, peers: health.peers }
  }

  async blockHash(number: number): Promise<string | null> {
    return this.call<string | null>('chain_getBlockHash', [number])
  }

  async call<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.#rpcPort}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const answer = (await response.json()) as { result?: T; error?: { message: string } }
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result as T
  }

  /** Lines of its log that hold something against the other side. */
  complaints(): string[] {
    return this.log.filter((line) => /Reputation|banned|\bbad\b|invalid justification|Same (block|request)|Error importing/i.test(line) && !/reputation: 0|reputation_change: `None`/i.test(line))
  }

  async stop(): Promise<void> {
    if (!this.exited) {
      const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))
      this.#child.kill('SIGINT')
      const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(late)
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #height(): Promise<number> {
    return Number.parseInt((await this.call<{ number: string }>('chain_getHeader')).number, 16)
  }

  async #finalized(): Promise<number> {
    const hash = await this.call<string>('chain_getFinalizedHead')
    return Number.parseInt((await this.call<{ number: string }>('chain_getHeader', [hash])).number, 16)
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
