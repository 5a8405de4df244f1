/** A chain, a storage, a runtime and a pool small enough to see through, for the tests of the RPC service. */
import { toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import type { Disposer } from '../../../../node-core/base/disposers.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import type { PoolEvents, TransactionPool, TransactionStatus } from '../../../../node-core/chain/core/types.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { parsePeerAddress, requirePeerId } from '../../../../node-core/network/peers/address.ts'
import type { RpcDeps } from '../../../../node-core/chain/rpc/rpc-service.ts'
import type { RpcNetwork } from '../../../../node-core/chain/rpc/types.ts'
import type { RuntimeVersion } from '../../../../node-core/chain/runtime/types.ts'
import type { Extrinsic, BlockRef } from '../../../../node-core/chain/scale/block.ts'
import { encodeHeader, type Header } from '../../../../node-core/chain/scale/header.ts'
import type { SyncStatus } from '../../../../node-core/chain/sync/types.ts'
import type { BlockPins, BlockStateEvents, BlockStateReader, StorageReader } from '../../../../node-core/chain/state/types.ts'

const ZERO: Hash = `0x${'00'.repeat(32)}`

export class FakeChain implements BlockStateReader {
  readonly events = new Emitter<BlockStateEvents>()
  readonly headers = new Map<Hash, Header>()
  readonly bodies = new Map<Hash, readonly Extrinsic[]>()
  readonly genesisHash: Hash
  #best: BlockRef
  #finalized: BlockRef
  #fork = 0

  constructor() {
    this.genesisHash = this.#store({ parentHash: ZERO, number: 0, stateRoot: blake2Hash(utf8('root0')), extrinsicsRoot: ZERO, digest: [] })
    this.#best = this.#finalized = { hash: this.genesisHash, number: 0 }
  }

  #store(header: Header): Hash {
    const hash = blake2Hash(encodeHeader(header))
    this.headers.set(hash, header)
    this.bodies.set(hash, [Uint8Array.of(8, 1, header.number & 0xff)])
    return hash
  }

  /** Adds a child of `parent` (the best block by default), and announces it. */
  import(options: { parent?: Hash; best?: boolean; stateRoot?: Hash } = {}): Hash {
    const parentHash = options.parent ?? this.#best.hash
    const number = (this.headers.get(parentHash)?.number ?? -1) + 1
    const stateRoot = options.stateRoot ?? blake2Hash(utf8(`root${number}-${this.#fork++}`))
    const header: Header = { parentHash, number, stateRoot, extrinsicsRoot: ZERO, digest: [{ type: 'other', data: utf8('x') }] }
    const hash = this.#store(header)
    const isBest = options.best ?? true
    const block = { hash, number }
    if (isBest) this.#best = block
    this.events.emit('imported', { block, header, isBest })
    if (isBest) this.events.emit('bestChanged', { best: block, retracted: [], enacted: [block] })
    return hash
  }

  finalize(hash: Hash): void {
    const finalized = this.route(this.#finalized.hash, hash)
    const head = finalized.at(-1) as BlockRef
    this.#finalized = head
    const pruned: Hash[] = []
    for (const [other] of [...this.headers]) {
      if (this.isAncestor(hash, other) || this.isAncestor(other, hash)) continue
      pruned.push(other)
    }
    for (const other of pruned) {
      this.headers.delete(other)
      this.bodies.delete(other)
    }
    if (!this.headers.has(this.#best.hash)) this.#best = head
    this.events.emit('finalized', { head, finalized, pruned })
  }

  best(): BlockRef {
    return this.#best
  }
  finalized(): BlockRef {
    return this.#finalized
  }
  gap(): undefined {
    return undefined
  }

  leaves(): readonly BlockRef[] {
    return [this.#best]
  }
  header(hash: Hash): Header | undefined {
    return this.headers.get(hash)
  }
  hashByNumber(number: number): Hash | undefined {
    for (let hash = this.#best.hash; ; ) {
      const header = this.headers.get(hash)
      if (header === undefined || header.number < number) return undefined
      if (header.number === number) return hash
      hash = header.parentHash
    }
  }
  body(hash: Hash): Promise<readonly Extrinsic[] | undefined> {
    return Promise.resolve(this.bodies.get(hash))
  }
  justifications(hash: Hash): Promise<readonly { engine: string; data: Uint8Array }[] | undefined> {
    return Promise.resolve(hash === this.#finalized.hash ? [{ engine: 'FRNK', data: Uint8Array.of(1, 2) }] : undefined)
  }
  hasBlock(hash: Hash): boolean {
    return this.headers.has(hash)
  }
  isAncestor(ancestor: Hash, descendant: Hash): boolean {
    for (let hash: Hash | undefined = descendant; hash !== undefined; hash = this.headers.get(hash)?.parentHash) {
      if (hash === ancestor) return true
    }
    return false
  }
  route(from: Hash, to: Hash): readonly BlockRef[] {
    const out: BlockRef[] = []
    for (let hash = to; hash !== from; ) {
      const header = this.headers.get(hash)
      if (header === undefined) throw new Error('not an ancestor')
      out.unshift({ hash, number: header.number })
      hash = header.parentHash
    }
    return out
  }
  children(hash: Hash): readonly BlockRef[] {
    return [...this.headers].filter(([, header]) => header.parentHash === hash).map(([own, { number }]) => ({ hash: own, number }))
  }

  get listeners(): number {
    return (['imported', 'bestChanged', 'finalized'] as const).reduce((sum, name) => sum + this.events.listenerCount(name), 0)
  }
}

/** Counts who holds what. */
export class FakePins implements BlockPins {
  readonly held = new Map<Hash, number>()
  /** Blocks whose state is not there. */
  readonly pruned = new Set<Hash>()

  pin(hash: Hash): Disposer | undefined {
    if (this.pruned.has(hash)) return undefined
    this.held.set(hash, (this.held.get(hash) ?? 0) + 1)
    return () => {
      const left = (this.held.get(hash) ?? 0) - 1
      if (left === 0) this.held.delete(hash)
      else this.held.set(hash, left)
    }
  }
}

/** The same items in every state, unless one is set for a root. */
export class FakeStorage implements StorageReader {
  readonly items = new Map<string, Uint8Array>()
  readonly child = new Map<string, Uint8Array>()
  readonly byRoot = new Map<Hash, Map<string, Uint8Array>>()
  unknown = new Set<Hash>()
  readonly pruned = new Set<Hash>()

  get(stateRoot: Hash, key: Uint8Array): Uint8Array | undefined {
    if (this.pruned.has(stateRoot)) throw new NodeError('STATE_PRUNED', 'it is not kept', { data: { stateRoot } })
    if (this.unknown.has(stateRoot)) throw new NodeError('STATE_UNKNOWN_ROOT', 'the state is not there')
    return this.byRoot.get(stateRoot)?.get(toHex(key)) ?? this.items.get(toHex(key))
  }
  keys(_root: Hash, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    return page(this.items, prefix, count, startKey)
  }
  getChild(_root: Hash, childKey: Uint8Array, key: Uint8Array): Uint8Array | undefined {
    return Buffer.from(childKey).toString() === 'kid' ? this.child.get(toHex(key)) : undefined
  }
  childKeys(_root: Hash, _childKey: Uint8Array, prefix: Uint8Array, count: number, startKey?: Uint8Array): Uint8Array[] {
    return page(this.child, prefix, count, startKey)
  }
  has(): boolean {
    return true
  }
}

function page(items: Map<string, Uint8Array>, prefix: Uint8Array, count: number, startKey: Uint8Array | undefined): Uint8Array[] {
  return [...items.keys()]
    .sort()
    .filter((key) => key.startsWith(toHex(prefix)) && (startKey === undefined || key > toHex(startKey)))
    .slice(0, count)
    .map((key) => new Uint8Array(Buffer.from(key.slice(2), 'hex')))
}

export const VERSION: RuntimeVersion = {
  specName: 'fake',
  implName: 'fake-impl',
  authoringVersion: 0,
  specVersion: 7,
  implVersion: 1,
  apis: [['0x37c8bb1350a9a2a8', 1]],
  transactionVersion: 2,
  systemVersion: 1,
  stateVersion: 1,
}

export class FakeRuntime {
  /** Answers of `call` by method; a function may wait or throw. */
  readonly answers = new Map<string, (args: Uint8Array) => Promise<Uint8Array>>()
  version_ = VERSION
  versionOf = new Map<Hash, RuntimeVersion>()

  async call(_root: Hash, method: string, args: Uint8Array): Promise<Uint8Array> {
    const answer = this.answers.get(method)
    if (answer === undefined) throw new NodeError('RUNTIME_NO_SUCH_API', `the runtime has no function ${method}`)
    return answer(args)
  }
  version(stateRoot: Hash): Promise<RuntimeVersion> {
    return Promise.resolve(this.versionOf.get(stateRoot) ?? this.version_)
  }
}

export class FakePool implements TransactionPool {
  readonly events = new Emitter<PoolEvents>()
  readonly transactions: { hash: Hash; extrinsic: Extrinsic; provides: string[] }[] = []
  refusal: NodeError | undefined
  statuses: (signal: AbortSignal) => AsyncIterable<TransactionStatus> = async function* () {}

  async submit(extrinsic: Extrinsic): Promise<Hash> {
    if (this.refusal !== undefined) throw this.refusal
    const hash = blake2Hash(extrinsic)
    this.transactions.push({ hash, extrinsic, provides: [] })
    return hash
  }
  async submitAndWatch(extrinsic: Extrinsic, signal: AbortSignal) {
    return { hash: await this.submit(extrinsic), statuses: this.statuses(signal) }
  }
  ready() {
    return this.transactions
  }
  future() {
    return []
  }
  get(hash: Hash) {
    return this.transactions.find((entry) => entry.hash === hash)?.extrinsic
  }
  status() {
    return { ready: this.transactions.length, readyBytes: 0, future: 0, futureBytes: 0 }
  }
  onBroadcast(): void {}
  remove(hashes: readonly Hash[]): readonly Hash[] {
    const gone = this.transactions.filter(({ hash }) => hashes.includes(hash)).map(({ hash }) => hash)
    for (const hash of gone) this.transactions.splice(this.transactions.findIndex((entry) => entry.hash === hash), 1)
    return gone
  }
}

/** Four numbers of a sync; the rest does not matter to RPC. */
export function syncStatus(startingBlock: number, currentBlock: number, highestBlock: number): SyncStatus {
  const nothing = { blocksPerSecond: 0, secondsLeft: undefined, queuedBlocks: 0, queuedBytes: 0, pendingRequests: 0, stalled: undefined }
  return { state: 'syncing', startingBlock, currentBlock, highestBlock, peers: 1, ...nothing }
}

export interface FakeNetwork extends RpcNetwork {
  /** Addresses by peer id. */
  readonly reserved: ReadonlyMap<string, string>
}

export interface FakeNode extends RpcDeps {
  readonly network: FakeNetwork
  readonly sync: { current: SyncStatus | undefined; status(): SyncStatus | undefined }
  readonly blocks: FakeChain
  readonly storage: FakeStorage
  readonly pins: FakePins
  readonly runtime: FakeRuntime
  readonly pool: FakePool
  readonly clock: FakeClock
}

export function fakeNode(): FakeNode {
  const blocks = new FakeChain()
  const reserved = new Map<string, string>()
  const network: FakeNetwork = {
    reserved,
    localPeerId: '12D3KooWFake',
    peers: () => [{ peerId: '12D3KooWOther', status: { roles: 'FULL', best: { hash: blocks.genesisHash, number: 41 } } }],
    listenAddresses: () => ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWFake'],
    reservedPeers: () => [...reserved.keys()],
  }
  const peerActions: RpcDeps['peerActions'] = {
    addReserved: (address) => {
      const { peerId } = parsePeerAddress('reserved-nodes', address)
      reserved.set(peerId, address)
    },
    removeReserved: (peer) => {
      requirePeerId(peer)
      reserved.delete(peer)
    },
  }
  return {
    chain: { name: 'Fake', id: 'fake', chainType: 'Development', properties: { tokenSymbol: 'FAKE' }, genesisHash: blocks.genesisHash },
    node: { name: 'Nodestead', version: '0.1.0', role: 'Authority', shouldHavePeers: false },
    blocks,
    storage: new FakeStorage(),
    pins: new FakePins(),
    runtime: new FakeRuntime(),
    pool: new FakePool(),
    network,
    peerActions,
    sync: {
      current: undefined,
      status() {
        return this.current
      },
    },
    logger: silentLogger,
    clock: new FakeClock(),
  }
}
