/**
 * A chain whose finality changes hands all the time: epochs of six slots, and in each of them root adds or removes one authority.
 *
 * One node has the keys of three of the four authorities and is enough for finality, whether the fourth is in the set or not; so a chain of
 * thousands of blocks takes a minute. A change takes effect two epochs after it was sent.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hex } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { grandpaLogs } from '../../node-core/chain/core/engines/grandpa/digest.ts'
import { ExtrinsicSender } from '../../node-core/chain/extrinsics/sender.ts'
import { senderRuntime } from '../../node-core/chain/node/own-extrinsics.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import { chainDataPath } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { NetworkKeys } from '../../node-core/keystore/network-keys.ts'
import { signedExtrinsic } from './dev-extrinsic.ts'
import { DevNode } from './dev-node.ts'
import { ownSpec } from './own-spec.ts'

/** Slots of an epoch, and about as many blocks between two changes. */
export const EPOCH = 6

const START_MS = 1_700_000_001_000
const PASSPHRASE = 'correct horse battery'

/** The network; `extra` goes into its genesis state beside what the runtime puts there. */
export function changingSpec({ id = 'nodestead_changing', extra = [] }: { readonly id?: string; readonly extra?: readonly (readonly [Hex, Hex])[] } = {}): ChainSpec {
  const spec = ownSpec({ id, preset: 'local_testnet', chainType: 'Development', patch: { settings: { epochLength: EPOCH } } })
  if (!('raw' in spec.genesis)) throw new Error('the specification has no state')
  const { raw } = spec.genesis
  return { ...spec, genesis: { raw: { ...raw, top: { ...raw.top, ...Object.fromEntries(extra) } } } }
}

export class ChangingChain {
  readonly author: DevNode
  readonly spec: ChainSpec
  readonly #folder: string
  readonly #calls: Readonly<Record<'add' | 'remove', Uint8Array>>
  #isIn = true
  #nonce = 0
  #changedAt = 0

  static async start(spec: ChainSpec = changingSpec(), clock = new FakeClock(START_MS)): Promise<ChangingChain> {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-changing-'))
    const keys = new NetworkKeys({ dataPath: chainDataPath(folder, spec), logger: silentLogger, clock }, { cost: { n: 2, r: 8, p: 1 } })
    await keys.setUp(PASSPHRASE, false)
    for (const name of ['Bob', 'Charlie'] as const) {
      const { sr25519, ed25519 } = devAccount(`//${name}`)
      await keys.keystore.add('babe', sr25519)
      await keys.keystore.add('gran', ed25519)
    }
    const author = await DevNode.start({ spec, clock, basePath: folder, forceAuthoring: true, keys })
    const { blocks, storage, runtime, core } = author.node
    const sender = new ExtrinsicSender({ blocks, storage, runtime: senderRuntime({ blocks, runtime, pool: core.pool }), pool: core.pool, logger: silentLogger })
    const call = (name: string): Promise<Uint8Array> =>
      sender.encode({ pallet: 'Sudo', name: 'sudo', args: { call: { pallet: 'Authorities', name, args: { account: devAccount('//Dave//stash').sr25519.publicKey } } } })
    return new ChangingChain(author, spec, folder, { add: await call('add'), remove: await call('remove') })
  }

  private constructor(author: DevNode, spec: ChainSpec, folder: string, calls: Readonly<Record<'add' | 'remove', Uint8Array>>) {
    this.author = author
    this.spec = spec
    this.#folder = folder
    this.#calls = calls
  }

  /** Makes so many blocks, one in each slot, and changes the authorities in each epoch. */
  async blocks(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.changeWhereDue()
      await this.author.leaps(1, 1)
    }
  }

  /** Sends the next change of the authorities where the last one is an epoch ago: for who lets time pass by another way. */
  async changeWhereDue(): Promise<void> {
    if (this.author.node.blocks.best().number >= this.#changedAt + EPOCH) await this.#change()
  }

  /** Finalized blocks that changed the set, lowest first. */
  changes(): BlockRef[] {
    const { blocks } = this.author.node
    const found: BlockRef[] = []
    for (let number = 1; number <= blocks.finalized().number; number++) {
      const hash = blocks.hashByNumber(number)
      const header = hash && blocks.header(hash)
      if (header !== undefined && grandpaLogs(header).some(({ kind }) => kind === 'scheduled')) found.push({ hash: hash as BlockRef['hash'], number })
    }
    return found
  }

  async stop(): Promise<void> {
    await this.author.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #change(): Promise<void> {
    const { blocks, runtime, core } = this.author.node
    const { genesisHash } = blocks
    const best = blocks.best()
    const version = await runtime.version(blocks.header(best.hash)!.stateRoot)
    const call = this.#calls[this.#isIn ? 'remove' : 'add']
    await core.pool.submit(signedExtrinsic(devAccount('//Alice').sr25519, call, this.#nonce++, { genesisHash, version }), 'local')
    this.#isIn = !this.#isIn
    this.#changedAt = best.number
  }
}
