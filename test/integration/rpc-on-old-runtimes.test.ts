/**
 * Every JSON-RPC method on the genesis runtimes of Kusama (2019), Westend and Polkadot (2020), of a Westend development chain (2022) and
 * of Paseo (2024): the right answer, or a refusal with its reason. The last two are read from the folder beside the project, and skipped
 * where it is absent.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex, utf8, type Hash, type Hex } from '../../node-core/base/bytes.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { GENESIS_FORMS, signedRemark } from '../helpers/old-extrinsics.ts'
import { hasVector, vectorSpec } from '../helpers/vectors.ts'
import { Client, type Answer } from '../unit/chain/rpc/client.ts'

type Network = keyof typeof GENESIS_FORMS

const BESIDE: readonly Network[] = ['paseo', 'westend-dev']
const NETWORKS = (Object.keys(GENESIS_FORMS) as Network[]).map((network) => ({ network, absent: BESIDE.includes(network) && !hasVector(`specs/${network}.json`) }))

const CODE = toHex(utf8(':code'))
const POOR = devAccount('//Nobody at all').sr25519
const ADDRESS = toHex(POOR.publicKey)
const PASSPHRASE = 'correct horse battery'

interface Setting {
  readonly network: Network
  readonly genesis: Hash
  /** Signed by an account that was not used before. */
  readonly extrinsic: () => Hex
  /** What chainHead_v1_follow gave. */
  readonly follow: string
  readonly sessionKeys: Hex
}

interface Refusal {
  readonly code: number
  readonly why: RegExp
  readonly on?: readonly Network[]
}

interface Asked {
  readonly params?: (setting: Setting) => readonly unknown[]
  /** What the answer is like; where it is left out, any result will do. */
  readonly result?: unknown
  /** The reason for which it must be refused instead, on these networks or on all; of several the first for the network counts. */
  readonly refused?: Refusal | readonly Refusal[]
}

const any = (type: StringConstructor | NumberConstructor | ArrayConstructor | ObjectConstructor): unknown => expect.any(type)
const hash = expect.stringMatching(/^0x[0-9a-f]{64}$/) as unknown
const at = ({ genesis }: Setting): readonly unknown[] => [genesis]
const keyAt = ({ genesis }: Setting): readonly unknown[] => [CODE, genesis]
const childAt = ({ genesis }: Setting): readonly unknown[] => [CHILD, '0x01', genesis]
const extrinsicAt = ({ extrinsic, genesis }: Setting): readonly unknown[] => [extrinsic(), genesis]
const CHILD = toHex(utf8(':child_storage:default:a'))
/** The account has nothing to pay with, which is for the runtime to say. */
const payment = { code: 1010, why: /Inability to pay some fees/ }
const noMmr: Refusal = { code: 8000, why: /does not have the API MmrApi/, on: ['kusama', 'westend', 'polkadot'] }
const noLeaves = (blockHash: Hash): object => ({ blockHash, leaves: '0x00', proof: '0x00' })
const followed = (...more: readonly unknown[]) => ({ follow, genesis }: Setting): readonly unknown[] => [follow, genesis, ...more]

/** Subscriptions answer with their name; what ends one that is not there says so. */
const SUBSCRIBED: Asked = { result: any(String) }
const NOT_THERE: Asked = { params: () => ['none'], result: false }

const METHODS: Readonly<Record<string, Asked>> = {
  account_nextIndex: { params: () => [ADDRESS], result: 0 },
  system_accountNextIndex: { params: () => [ADDRESS], result: 0 },
  archive_v1_body: { params: at, result: [] },
  archive_v1_call: { params: ({ genesis }) => [genesis, 'Core_version', '0x'], result: { success: true, value: any(String) } },
  archive_v1_finalizedHeight: { result: 0 },
  archive_v1_genesisHash: { result: hash },
  archive_v1_hashByHeight: { params: () => [0], result: [hash] },
  archive_v1_header: { params: at, result: any(String) },
  archive_v1_storage: { params: ({ genesis }) => [genesis, [{ key: CODE, type: 'hash' }]], result: any(String) },
  archive_v1_stopStorage: { params: () => ['none'], result: null },
  archive_v1_storageDiff: { params: ({ genesis }) => [genesis, [], null], result: any(String) },
  archive_v1_storageDiff_stopStorageDiff: { params: () => ['none'], result: null },
  archive_v1_stopStorageDiff: { params: () => ['none'], result: null },
  author_hasKey: { params: () => [ADDRESS, 'babe'], result: false },
  author_hasSessionKeys: { params: ({ sessionKeys }) => [sessionKeys], result: true, refused: { code: 1017, why: /no function SessionKeys_decode_session_keys/, on: ['kusama'] } },
  author_insertKey: { params: () => ['babe', '//Nobody at all', ADDRESS], result: null },
  author_pendingExtrinsics: { result: [] },
  author_removeExtrinsic: { params: ({ genesis }) => [[{ hash: genesis }]], result: [] },
  author_rotateKeys: { result: any(String) },
  author_rotateKeysWithOwner: { params: () => [ADDRESS], result: { keys: any(String) } },
  author_submitExtrinsic: { params: ({ extrinsic }) => [extrinsic()], refused: payment },
  author_submitAndWatchExtrinsic: { params: ({ extrinsic }) => [extrinsic()], refused: payment },
  author_unwatchExtrinsic: NOT_THERE,
  babe_epochAuthorship: {},
  chainHead_v1_follow: { params: () => [true], result: any(String) },
  chainHead_v1_body: { params: followed(), result: { result: 'started' } },
  chainHead_v1_call: { params: followed('Core_version', '0x'), result: { result: 'started' } },
  chainHead_v1_continue: { params: ({ follow }) => [follow, 'none'] },
  chainHead_v1_header: { params: followed(), result: any(String) },
  chainHead_v1_stopOperation: { params: ({ follow }) => [follow, 'none'], result: null },
  chainHead_v1_storage: { params: followed([{ key: CODE, type: 'hash' }]), result: { result: 'started' } },
  chainHead_v1_unpin: { params: followed(), result: null },
  chainHead_v1_unfollow: { params: ({ follow }) => [follow], result: null },
  chainSpec_v1_chainName: { result: any(String) },
  chainSpec_v1_genesisHash: { result: hash },
  chainSpec_v1_properties: { result: any(Object) },
  chain_getBlock: { params: at, result: { block: { extrinsics: [] } } },
  chain_getBlockHash: { params: () => [0], result: hash },
  chain_getHead: { result: hash },
  chain_getFinalizedHead: { result: hash },
  chain_getFinalisedHead: { result: hash },
  chain_getHeader: { params: at, result: { number: '0x0' } },
  chain_getRuntimeVersion: { params: at, result: { specVersion: any(Number) } },
  childstate_getKeys: { params: childAt, result: [] },
  childstate_getKeysPaged: { params: ({ genesis }) => [CHILD, '0x', 10, null, genesis], result: [] },
  childstate_getKeysPagedAt: { params: ({ genesis }) => [CHILD, '0x', 10, null, genesis], result: [] },
  childstate_getStorage: { params: childAt, result: null },
  childstate_getStorageEntries: { params: ({ genesis }) => [CHILD, ['0x01'], genesis], result: [null] },
  childstate_getStorageHash: { params: childAt, result: null },
  childstate_getStorageSize: { params: childAt, result: null },
  grandpa_roundState: { result: { setId: 0, best: { round: any(Number) } } },
  grandpa_proveFinality: { params: () => [0] },
  mmr_generateAncestryProof: { params: ({ genesis }) => [0, null, genesis], refused: [noMmr, { code: 8000, why: /came with version 3/ }] },
  mmr_generateProof: {
    params: ({ genesis }) => [[0], null, genesis],
    refused: [noMmr, { code: 8000, why: /came with version 2/, on: ['westend-dev'] }, { code: 8014, why: /Error performing numeric op/ }],
  },
  mmr_root: { params: at, result: hash, refused: [noMmr, { code: 8010, why: /MMR pallet not included/, on: ['westend-dev'] }] },
  mmr_verifyProof: { params: ({ genesis }) => [noLeaves(genesis)], refused: { code: -32602, why: /bytes expected/ } },
  mmr_verifyProofStateless: { params: ({ genesis }) => [genesis, noLeaves(genesis)], refused: { code: -32602, why: /bytes expected/ } },
  payment_queryInfo: { params: extrinsicAt, result: { class: 'normal', partialFee: expect.stringMatching(/^[1-9]\d*$/) as unknown } },
  payment_queryFeeDetails: { params: extrinsicAt, result: { inclusionFee: any(Object) }, refused: { code: 1, why: /no function TransactionPaymentApi_query_fee_details/, on: ['kusama', 'westend', 'polkadot'] } },
  rpc_methods: { result: { methods: any(Array) } },
  state_call: { params: ({ genesis }) => ['AccountNonceApi_account_nonce', ADDRESS, genesis], result: '0x00000000' },
  state_callAt: { params: ({ genesis }) => ['AccountNonceApi_account_nonce', ADDRESS, genesis], result: '0x00000000' },
  state_getChildReadProof: { params: ({ genesis }) => [CHILD, ['0x01'], genesis], result: { at: hash } },
  state_getKeys: { params: ({ genesis }) => ['0x3a', genesis], result: any(Array) },
  state_getKeysPaged: { params: ({ genesis }) => ['0x', 10, null, genesis], result: any(Array) },
  state_getKeysPagedAt: { params: ({ genesis }) => ['0x', 10, null, genesis], result: any(Array) },
  state_getMetadata: { params: at, result: expect.stringMatching(/^0x6d657461/) as unknown },
  state_getPairs: { params: ({ genesis }) => ['0x3a686561707061676573', genesis], result: any(Array) },
  state_getReadProof: { params: ({ genesis }) => [['0x3a686561707061676573'], genesis], result: { at: hash, proof: any(Array) } },
  state_getRuntimeVersion: { params: at, result: { specName: any(String) } },
  state_getStorage: { params: keyAt, result: any(String) },
  state_getStorageAt: { params: keyAt, result: any(String) },
  state_getStorageHash: { params: keyAt, result: hash },
  state_getStorageHashAt: { params: keyAt, result: hash },
  state_getStorageSize: { params: keyAt, result: any(Number) },
  state_getStorageSizeAt: { params: keyAt, result: any(Number) },
  state_queryStorage: { params: ({ genesis }) => [['0x01'], genesis], result: [{ block: hash, changes: [['0x01', null]] }] },
  state_queryStorageAt: { params: ({ genesis }) => [['0x01'], genesis], result: [{ block: hash, changes: [['0x01', null]] }] },
  system_addLogFilter: { params: () => ['rpc=info'], result: null },
  system_resetLogFilter: { result: null },
  system_addReservedPeer: { params: () => ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWQ3fDoZyFhZLTP5KeLnrpUESQvoLPP7oUXgbzWXkv5L2h'], result: null },
  system_removeReservedPeer: { params: () => ['12D3KooWQ3fDoZyFhZLTP5KeLnrpUESQvoLPP7oUXgbzWXkv5L2h'], result: null },
  system_chain: { result: any(String) },
  system_chainType: {},
  system_dryRun: { params: extrinsicAt, result: '0x010001' },
  system_dryRunAt: { params: extrinsicAt, result: '0x010001' },
  system_health: { result: { isSyncing: false } },
  system_localListenAddresses: { result: any(Array) },
  system_localPeerId: { result: any(String) },
  system_name: { result: any(String) },
  system_nodeRoles: { result: ['Full'] },
  system_peers: { result: [] },
  system_properties: { result: any(Object) },
  system_reservedPeers: { result: [] },
  system_syncState: { result: { currentBlock: 0 } },
  system_version: { result: any(String) },
  transactionWatch_v1_submitAndWatch: { params: ({ extrinsic }) => [extrinsic()], result: any(String) },
  transactionWatch_v1_unwatch: { params: () => ['none'], refused: { code: -32602, why: /no such watched transaction/ } },
  transaction_v1_broadcast: { params: ({ extrinsic }) => [extrinsic()], result: any(String) },
  transaction_v1_stop: { params: () => ['none'], refused: { code: -32602, why: /no such broadcast/ } },
  author_extrinsicUpdate: {},
}

/** Asked last, because others build on what they end. */
const LAST = ['chainHead_v1_unpin', 'chainHead_v1_unfollow']

function askedOf(method: string): Asked | undefined {
  if (METHODS[method] !== undefined) return METHODS[method]
  if (/(un[sS]ubscribe|_unwatch)/.test(method)) return NOT_THERE
  return method.startsWith('state_subscribeStorage') ? { params: () => [[CODE]], result: any(String) } : /subscribe/.test(method) ? SUBSCRIBED : undefined
}

describe.each(NETWORKS)('on the genesis state of $network', ({ network, absent }) => {
  let dev: DevNode
  let client: Client
  let setting: Setting
  let accounts = 0

  beforeAll(async () => {
    if (absent) return
    const spec: ChainSpec = network === 'paseo' || network === 'westend-dev' ? vectorSpec(network) : readChainFile(network)
    dev = await DevNode.start({ chain: network, validator: false, sync: 'full', spec: { ...spec, bootNodes: [] } })
    await dev.node.keys.setUp(PASSPHRASE, false)
    client = await Client.open(Number(/:(\d+)/.exec(dev.node.rpcAddress?.slice(5) ?? '')?.[1]))
    const genesis = dev.node.blocks.genesisHash
    setting = {
      network, genesis,
      extrinsic: () => toHex(signedRemark(devAccount(`//Nobody//${++accounts}`).sr25519, GENESIS_FORMS[network], genesis)),
      follow: await client.call<string>('chainHead_v1_follow', true),
      sessionKeys: await client.call<Hex>('author_rotateKeys'),
    }
  }, 120_000)

  afterAll(async () => {
    client?.socket.close()
    await dev?.stop()
  })

  it.skipIf(absent)('answers every method, or refuses with a reason', async () => {
    const { methods } = await client.call<{ methods: string[] }>('rpc_methods')
    const order = [...methods.filter((name) => !LAST.includes(name)), ...LAST]
    const unexpected: Record<string, unknown> = {}
    for (const method of order) {
      const asked = askedOf(method)
      if (asked === undefined) {
        unexpected[method] = 'this test does not know how to ask it'
        continue
      }
      const answer = await client.request(method, ...(asked.params?.(setting) ?? []))
      const wrong = judge(answer, asked, network)
      if (wrong !== undefined) unexpected[method] = wrong
    }
    expect(unexpected).toEqual({})
    expect(methods.length).toBeGreaterThan(90)
    expect(dev.logs.filter(({ level }) => level === 'error').map(({ message, fields }) => `${message} ${JSON.stringify(fields ?? {})}`)).toEqual([])
  }, 120_000)
})

/** What is wrong with the answer; undefined where nothing is. */
function judge({ result, error }: Answer, { result: wanted, refused }: Asked, network: Network): unknown {
  const refusal = [refused ?? []].flat().find(({ on }) => on?.includes(network) !== false)
  if (refusal !== undefined) return error?.code === refusal.code && refusal.why.test(`${error.message} ${String(error.data)}`) ? undefined : { result, error }
  if (error !== undefined) return error
  if (wanted === undefined) return undefined
  try {
    if (typeof wanted === 'object' && wanted !== null && !('asymmetricMatch' in wanted)) expect(result).toMatchObject(wanted)
    else expect(result).toEqual(wanted)
    return undefined
  } catch {
    return { result: JSON.stringify(result).slice(0, 200) }
  }
}
