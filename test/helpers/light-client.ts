/**
 * smoldot, a light client that none of this project wrote, and what it says while it runs.
 *
 * It lives in this process and on real time: its own timers cannot be turned by a test, so tests wait for what it logs.
 */
import { createClient, type PolkadotClient } from 'polkadot-api'
import { getSmProvider } from 'polkadot-api/sm-provider'
import { start } from 'polkadot-api/smoldot'
import { getPolkadotSigner, type PolkadotSigner } from 'polkadot-api/signer'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { sr25519Sign } from '../../node-core/crypto/sr25519/sr25519.ts'
import type { Node } from '../../node-core/chain/node/node.ts'
import { readChainFile } from './chain-files.ts'
import type { DevNode } from './dev-node.ts'

export type Transport = 'tcp' | 'ws'

/** What smoldot logs when it thinks ill of a peer, or loses it. Bitswap is a protocol of other networks. */
const COMPLAINT = /ban_duration|slot-unassigned|gossip-closed|connection-(?:closed|shutdown|lost|error)|handshake-timeout|verify-error|bad-|invalid-/

export class LightClient {
  readonly client: PolkadotClient
  readonly log: string[] = []
  readonly #smoldot: ReturnType<typeof start>
  readonly #waiting = new Set<() => void>()

  /** Knows the chain's genesis and one address of `node`, and nothing else. */
  constructor(node: Node, transport: Transport = 'tcp', spec: ChainSpec = readChainFile('dev')) {
    this.#smoldot = start({
      maxLogLevel: 4,
      logCallback: (_level, target, message) => {
        this.log.push(`${target} ${message}`)
        for (const check of [...this.#waiting]) check()
      },
    })
    const chainSpec = JSON.stringify({ ...spec, bootNodes: loopbackAddresses(node, transport) })
    this.client = createClient(getSmProvider(() => this.#smoldot.addChain({ chainSpec })))
  }

  /** Resolves with the first line from number `from` on that matches. */
  seen(pattern: RegExp, from = 0): Promise<string> {
    return new Promise((resolve) => {
      const check = (): void => {
        const line = this.log.slice(from).find((candidate) => pattern.test(candidate))
        if (line === undefined) return
        this.#waiting.delete(check)
        resolve(line)
      }
      this.#waiting.add(check)
      check()
    })
  }

  /** Lines in which smoldot complains of a peer or loses it. One that warped heard meanwhile of finality that it could not place yet, which it says, and blames nobody for. */
  complaints({ warped = false } = {}): string[] {
    return this.log.filter((line) => COMPLAINT.test(line) && !line.includes('bitswap') && !(warped && line.includes('UnknownTargetBlock')))
  }

  async stop(): Promise<void> {
    this.client.destroy()
    await this.#smoldot.terminate()
  }
}

/** Lets slots pass, one after each other once `light` saw the block of the one before, until `done`. */
export async function slotsUntil(node: DevNode, client: LightClient, done: Promise<unknown>): Promise<void> {
  let isDone = false
  void done.then(() => (isDone = true))
  while (!isDone) {
    const from = client.log.length
    await node.slots(1)
    await Promise.race([done, client.seen(/^(?:tx-service\S* best-chain-update|network grandpa-neighbor-packet-received)/, from)])
  }
  await done
}

/** Signs with a development account. */
export function devSigner(account: Parameters<typeof devAccount>[0]): PolkadotSigner {
  const { publicKey, secret } = devAccount(account).sr25519
  return getPolkadotSigner(publicKey, 'Sr25519', (input) => sr25519Sign(secret.reveal(), input))
}

function loopbackAddresses(node: Node, transport: Transport): string[] {
  const addresses = node.network.listenAddresses().filter((address) => address.includes('/127.0.0.1/') && address.includes('/ws') === (transport === 'ws'))
  if (addresses.length === 0) throw new Error(`the node does not listen on loopback over ${transport}`)
  return addresses
}
