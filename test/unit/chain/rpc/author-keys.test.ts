/** `author_*` of the node's own keys, with a keystore and a runtime that a test looks into. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import type { keyPairOf } from '../../../../node-core/crypto/keys/keypairs.ts'
import { MemoryKeystore } from '../../../../node-core/crypto/keys/keystore.ts'
import type { FileKeystore } from '../../../../node-core/keystore/file-keystore.ts'
import type { NetworkKeys } from '../../../../node-core/keystore/network-keys.ts'
import { SessionKeys } from '../../../../node-core/chain/node/session-keys.ts'
import { Dispatcher } from '../../../../node-core/chain/rpc/server/dispatcher.ts'
import { Limiter } from '../../../../node-core/chain/rpc/server/limiter.ts'
import { keyMethods } from '../../../../node-core/chain/rpc/methods/author-keys.ts'
import { RuntimeError } from '../../../../node-core/chain/runtime/errors.ts'
import type { MadeKey, RuntimeExecutor, SessionKeyMaker } from '../../../../node-core/chain/runtime/types.ts'
import { BlockChain } from '../../../helpers/block-chain.ts'

const { sr25519, ed25519 } = devAccount('//Alice')
const made = (): MadeKey[] => [
  { keyType: 'babe', scheme: 'sr25519', secret: sr25519.secret.reveal().slice() },
  { keyType: 'gran', scheme: 'ed25519', secret: ed25519.secret.reveal().slice() },
]

let store: MemoryKeystore
let owners: string[]
let makeSessionKeys: SessionKeyMaker['makeSessionKeys']
let dispatcher: Dispatcher

beforeEach(() => {
  store = new MemoryKeystore()
  owners = []
  makeSessionKeys = async (_root, owner = new Uint8Array(0)) => {
    owners.push(toHex(owner))
    return { encoded: Uint8Array.of(1, 2), proof: Uint8Array.of(3, 4), made: made() }
  }
  const keystore = {
    lockState: 'unlocked',
    add: async (keyType: string, pair: ReturnType<typeof keyPairOf>) => store.add(keyType, pair),
    has: () => false,
    publicKeys: (keyType: string) => store.publicKeys(keyType),
  } as unknown as FileKeystore
  const session = new SessionKeys({
    keys: { keystore, open: async () => undefined } as unknown as NetworkKeys,
    runtime: { makeSessionKeys: (...args: Parameters<typeof makeSessionKeys>) => makeSessionKeys(...args) } as unknown as RuntimeExecutor & SessionKeyMaker,
    blocks: new BlockChain(),
    logger: silentLogger,
    development: new MemoryKeystore(),
    lists: () => [],
  })
  dispatcher = new Dispatcher(keyMethods({ keystore, session }), silentLogger, { maxBatch: 1, maxResponseBytes: 10_000 })
})

afterEach(() => store.clear())

async function call(method: string, params: readonly unknown[] = [], trusted = true): Promise<unknown> {
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const { text } = await dispatcher.handle(message, { trusted, protocol: 'http', connection: undefined }, new Limiter(1))
  return JSON.parse(text ?? 'null') as unknown
}

describe('a rotation', () => {
  it('is for nobody, or for the owner that is named, whom the runtime proves', async () => {
    expect(await call('author_rotateKeys')).toMatchObject({ result: '0x0102' })
    expect(await call('author_rotateKeysWithOwner', [toHex(utf8('stash'))])).toMatchObject({ result: { keys: '0x0102', proof: '0x0304' } })
    expect(owners).toEqual(['0x', toHex(utf8('stash'))])
    expect(store.publicKeys('babe').map(toHex)).toEqual([toHex(sr25519.publicKey)])
    expect(store.publicKeys('gran').map(toHex)).toEqual([toHex(ed25519.publicKey)])
  })

  it('has no proof where the runtime knows none', async () => {
    makeSessionKeys = async () => ({ encoded: Uint8Array.of(1), proof: undefined, made: [] })
    const { result } = (await call('author_rotateKeysWithOwner', ['0x01'])) as { result: unknown }
    expect(result).toEqual({ keys: '0x01' })
  })

  it('is refused with a reason where the chain has no session keys', async () => {
    makeSessionKeys = () => Promise.reject(new RuntimeError('RUNTIME_NO_SUCH_API', 'the runtime old 1 does not have the API SessionKeys'))
    expect(await call('author_rotateKeys')).toMatchObject({ error: { code: 1017, message: 'This chain cannot be asked for it: the runtime old 1 does not have the API SessionKeys' } })
  })

  it('is the owner of the node alone to ask for', async () => {
    expect(await call('author_rotateKeysWithOwner', ['0x01'], false)).toMatchObject({ error: { message: 'RPC call is unsafe to be called externally' } })
    expect(owners).toEqual([])
  })
})
