/**
 * Signed transactions for runtimes of real chains, byte for byte as polkadot.js makes them: ed25519 signs the same message the same
 * way, so that the payload is compared with them. The metadata come with that library; skipped where it is absent.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiPromise, Keyring } from '@polkadot/api'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { signWith } from '../../../../node-core/crypto/keys/keypairs.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import type { Call } from '../../../../node-core/chain/extrinsics/arguments.ts'
import { ExtrinsicBuilder, type Signer } from '../../../../node-core/chain/extrinsics/builder.ts'
import type { SigningContext } from '../../../../node-core/chain/extrinsics/extensions.ts'
import { readMetadata } from '../../../../node-core/chain/explorer/metadata.ts'

const FOLDER = join(import.meta.dirname, '../../../../node_modules/@polkadot/types-support/metadata')
const isThere = existsSync(FOLDER)
const CHAINS = ['v14/kusama', 'v14/substrate-contracts-node', 'v15/kusama', 'v15/polkadot', 'v15/asset-hub-polkadot', 'v15/substrate', 'v16/substrate']

/** From `meta` on: newer versions are given inside of other bytes. */
function metadataOf(chain: string): Uint8Array {
  const bytes = Buffer.from(fromHex(/0x[0-9a-f]+/.exec(readFileSync(join(FOLDER, `${chain}-hex.js`), 'utf8'))?.[0] ?? '0x'))
  return Uint8Array.from(bytes.subarray(bytes.indexOf(utf8('meta'))))
}

const ALICE = devAccount('//Alice')
const BOB = devAccount('//Bob').sr25519.publicKey
const SIGNER: Signer = { accountId: ALICE.ed25519.publicKey, scheme: 'ed25519', sign: (message) => signWith(ALICE.ed25519, message) }
const CONTEXT: SigningContext = {
  nonce: 77,
  mortality: { period: 64, birth: 1_000_003 },
  birthHash: `0x${'b1'.repeat(32)}`,
  genesisHash: `0x${'9e'.repeat(32)}`,
  specVersion: 9,
  transactionVersion: 5,
}


/** An interface to a chain that has metadata and nothing else. */
function offline(chain: string, metadata: Uint8Array): ProviderInterface {
  const answers: Readonly<Record<string, unknown>> = {
    rpc_methods: { methods: [] },
    chain_getBlockHash: CONTEXT.genesisHash,
    state_getMetadata: toHex(metadata),
    state_getRuntimeVersion: { specName: chain.split('/')[1], specVersion: CONTEXT.specVersion, transactionVersion: CONTEXT.transactionVersion, apis: [] },
    system_chain: chain,
    system_properties: {},
  }
  return {
    hasSubscriptions: false,
    isConnected: true,
    isClonable: false,
    on: () => () => undefined,
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    clone: () => offline(chain, metadata),
    subscribe: () => Promise.reject(new Error('nothing changes here')),
    unsubscribe: () => Promise.resolve(true),
    send: (method: string) => (method in answers ? Promise.resolve(answers[method]) : Promise.reject(new Error(`no ${method}`))),
  } as unknown as ProviderInterface
}

describe.skipIf(!isThere)(`signed transactions (skipped where ${FOLDER} is missing)`, () => {
  it.each(CHAINS)('are those of polkadot.js on %s', async (chain) => {
    const metadata = metadataOf(chain)
    const api = await ApiPromise.create({ provider: offline(chain, metadata), throwOnConnect: true, noInitWarn: true })
    const builder = new ExtrinsicBuilder(readMetadata(metadata, chain))
    const bob = encodeSs58(BOB, 2)
    const long = new Uint8Array(300).fill(7)
    const remark = api.tx.system?.remark?.(toHex(utf8('hello')))
    const calls: readonly (readonly [Call, typeof remark])[] = [
      [{ pallet: 'System', name: 'remark', args: { remark: utf8('hello') } }, remark],
      [{ pallet: 'Balances', name: 'transfer_keep_alive', args: { dest: bob, value: 12_345_678_901_234_567_890n } }, api.tx.balances?.transferKeepAlive?.(bob, 12_345_678_901_234_567_890n)],
      // Longer than what is signed as it is.
      [{ pallet: 'System', name: 'set_storage', args: { items: [['0x3a61', long], ['0x', '0x01']] } }, api.tx.system?.setStorage?.([['0x3a61', toHex(long)], ['0x', '0x01']])],
      [
        { pallet: 'Utility', name: 'batch', args: { calls: [{ pallet: 'System', name: 'remark', args: { remark: '0x68656c6c6f' } }] } },
        api.tx.utility?.batch?.([remark]),
      ],
    ]
    for (const [call, theirs] of calls) {
      if (theirs === undefined) continue
      const ours = builder.signed(call, SIGNER, CONTEXT)
      const signed = theirs.sign(new Keyring({ type: 'ed25519' }).addFromUri('//Alice'), {
        nonce: CONTEXT.nonce,
        era: { current: CONTEXT.mortality.birth, period: CONTEXT.mortality.period } as never,
        blockHash: CONTEXT.birthHash,
        genesisHash: CONTEXT.genesisHash,
        runtimeVersion: { specVersion: CONTEXT.specVersion, transactionVersion: CONTEXT.transactionVersion } as never,
      })
      expect(toHex(ours)).toBe(signed.toHex())
      expect(toHex(builder.call(call))).toBe(theirs.method.toHex())
    }
  })
})
