/**
 * Alice sends Bob something through a whole node in real time, with each of the two libraries that wallets are made of,
 * and sees it in a block and final.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { createClient, Enum } from 'polkadot-api'
import { getPolkadotSigner } from 'polkadot-api/signer'
import { getWsProvider } from 'polkadot-api/ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../node-core/base/logger.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { sr25519Sign } from '../../node-core/crypto/sr25519/sr25519.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'
import { readChainFile } from '../helpers/chain-files.ts'

const UNIT = 10n ** 12n
const bob = encodeSs58(devAccount('//Bob').sr25519.publicKey)

let basePath: string
let node: Node

beforeAll(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-transfer-'))
  const options = nodeOptionsSchema.parse({ chain: 'dev', basePath, validator: true, account: 'alice', rpc: { port: 0 }, network: { port: 0 } })
  node = await Node.create({ spec: readChainFile('dev'), options, logger: silentLogger })
  await node.start()
})

afterAll(async () => {
  await node.stop()
  await rm(basePath, { recursive: true, force: true })
})

// Both at once: they wait for the same blocks, and their transactions share a pool.
describe.concurrent('a transfer from Alice', () => {
  it('is finalized for @polkadot/api', async () => {
    const provider = new WsProvider(node.rpcAddress) as unknown as ProviderInterface
    const api = await ApiPromise.create({ provider, noInitWarn: true })
    try {
      const sender = new Keyring({ type: 'sr25519' }).addFromUri('//Alice')
      const seen: string[] = []
      const block = await new Promise<string>((resolve, reject) => {
        api.tx.balances?.transferKeepAlive?.(bob, 3n * UNIT)
          .signAndSend(sender, { nonce: 0 }, ({ status, dispatchError }) => {
            seen.push(status.type)
            if (dispatchError !== undefined) reject(new Error(dispatchError.toString()))
            if (status.isFinalized) resolve(status.asFinalized.toHex())
          })
          .catch(reject)
      })
      expect(seen).toEqual(['Ready', 'InBlock', 'Finalized'])
      expect(node.blocks.isAncestor(block as `0x${string}`, node.blocks.finalized().hash)).toBe(true)
      const account = (await api.query.system?.account?.(bob))?.toJSON() as { data: { free: string } }
      expect(BigInt(account.data.free)).toBeGreaterThanOrEqual(10_000_003n * UNIT)
    } finally {
      await api.disconnect()
    }
  }, 120_000)

  it('is finalized for polkadot-api', async () => {
    const client = createClient(getWsProvider(node.rpcAddress as string))
    try {
      const { publicKey, secret } = devAccount('//Charlie').sr25519
      const signer = getPolkadotSigner(publicKey, 'Sr25519', (input) => sr25519Sign(secret.reveal(), input))
      const api = client.getUnsafeApi()
      const dave = encodeSs58(devAccount('//Dave').sr25519.publicKey)
      const call = api.tx['Balances']?.['transfer_keep_alive']?.({ dest: Enum('Id', dave), value: 5n * UNIT })
      const result = await call?.signAndSubmit(signer)
      expect(result).toMatchObject({ ok: true })
      const account = (await api.query['System']?.['Account']?.getValue(dave)) as { data: { free: bigint } }
      expect(account.data.free).toBe(10_000_005n * UNIT)
    } finally {
      client.destroy()
    }
  }, 120_000)

  it('is seen among the entries that polkadot-api watches, and nothing else changes for the receiver', async () => {
    const client = createClient(getWsProvider(node.rpcAddress as string))
    try {
      const { publicKey, secret } = devAccount('//Eve').sr25519
      const signer = getPolkadotSigner(publicKey, 'Sr25519', (input) => sr25519Sign(secret.reveal(), input))
      const api = client.getUnsafeApi()
      const ferdie = encodeSs58(devAccount('//Ferdie').sr25519.publicKey)
      const balances: bigint[] = []
      const entries: number[] = []
      const watching = new Promise<void>((resolve, reject) => {
        const seen = api.query['System']?.['Account']?.watchEntries({ at: 'best' }).subscribe({
          next: (update) => {
            entries.push(update.entries.length)
            for (const { args, value } of update.deltas?.upserted ?? []) {
              if (args[0] === ferdie) balances.push((value as { data: { free: bigint } }).data.free)
            }
            if (balances.length < 2) return
            seen?.unsubscribe()
            resolve()
          },
          error: reject,
        })
      })
      const call = api.tx['Balances']?.['transfer_keep_alive']?.({ dest: Enum('Id', ferdie), value: 7n * UNIT })
      expect(await call?.signAndSubmit(signer)).toMatchObject({ ok: true })
      await watching
      expect(balances).toEqual([10_000_000n * UNIT, 10_000_007n * UNIT])
      expect(Math.min(...entries)).toBeGreaterThan(6)
    } finally {
      client.destroy()
    }
  }, 120_000)
})
