/**
 * Whether a node that is to validate may do so here (spec/relay.ts says why not on live relay chains).
 *
 * What the specification tells is told at once. What the runtime tells is known when there is a state to ask, which after warp sync
 * is late, and may change with an upgrade: then core finds no keys in its keystore from that moment on, and neither authors nor
 * votes. Until the runtime of a live network was asked, there are none either.
 */
import { errorMessage } from '../../base/errors.ts'
import type { Disposer } from '../../base/disposers.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import type { KeyScheme } from '../../crypto/keys/keypairs.ts'
import { unknownKey, type Keystore } from '../../crypto/keys/keystore.ts'
import type { SecretKey } from '../../crypto/keys/secret-key.ts'
import type { RuntimeVersion } from '../runtime/types.ts'
import { isLiveRelay, isRelayRuntime } from '../spec/relay.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { BlockStateReader } from '../state/types.ts'

export interface RelayRoleDependencies {
  readonly blocks: Pick<BlockStateReader, 'best' | 'header' | 'events'>
  readonly runtime: { version(stateRoot: string): Promise<RuntimeVersion> }
  readonly keystore: Keystore
  readonly logger: Logger
}

export class RelayRole implements Service, Keystore {
  /** What the node is, as far as the specification decides. */
  readonly validator: boolean
  readonly #dependencies: RelayRoleDependencies
  readonly #isLive: boolean
  readonly #wanted: boolean
  /** By the runtime; undefined while nobody asked it. */
  #isRelay: boolean | undefined
  #subscription: Disposer | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(dependencies: RelayRoleDependencies, { spec, validator }: { readonly spec: ChainSpec; readonly validator: boolean }) {
    this.#dependencies = dependencies
    this.#wanted = validator
    this.#isLive = spec.chainType === 'Live'
    if (validator && isLiveRelay(spec)) this.#isRelay = true
    this.validator = validator && this.#isRelay !== true
  }

  /** It is to validate, and does not, because the chain is a live relay chain. */
  get isRefused(): boolean {
    return this.#wanted && this.#isLive && this.#isRelay === true
  }

  async start(): Promise<void> {
    if (!this.#wanted || !this.#isLive) return
    if (!this.validator) return this.#tell()
    await this.#look()
    this.#subscription = this.#dependencies.blocks.events.on('bestChanged', ({ enacted }) => {
      const upgraded = enacted.some(({ hash }) => this.#dependencies.blocks.header(hash)?.digest.some(({ type }) => type === 'runtimeEnvironmentUpdated'))
      if (upgraded || this.#isRelay === undefined) this.#looking = this.#looking.then(() => this.#look())
    })
  }

  async stop(): Promise<void> {
    this.#subscription?.()
    this.#subscription = undefined
    await this.#looking
  }

  publicKeys(keyType: string, scheme?: KeyScheme): Uint8Array[] {
    return this.#mayUseKeys ? this.#dependencies.keystore.publicKeys(keyType, scheme) : []
  }

  sign(keyType: string, publicKey: Uint8Array, message: Uint8Array): Uint8Array {
    if (!this.#mayUseKeys) throw unknownKey(keyType)
    return this.#dependencies.keystore.sign(keyType, publicKey, message)
  }

  secret(keyType: string, publicKey: Uint8Array): SecretKey | undefined {
    return this.#mayUseKeys ? this.#dependencies.keystore.secret(keyType, publicKey) : undefined
  }

  get #mayUseKeys(): boolean {
    return !this.#wanted || !this.#isLive || this.#isRelay === false
  }

  async #look(): Promise<void> {
    const { blocks, runtime, logger } = this.#dependencies
    const header = blocks.header(blocks.best().hash)
    if (header === undefined) return
    try {
      const isRelay = isRelayRuntime(await runtime.version(header.stateRoot))
      const isNew = isRelay !== this.#isRelay
      this.#isRelay = isRelay
      if (isNew && isRelay) this.#tell()
    } catch (error) {
      logger.debug('whether this is a relay chain is not known yet', { block: header.number, reason: errorMessage(error) })
    }
  }

  #tell(): void {
    this.#dependencies.logger.warn('no blocks are made and no votes cast: this is a live relay chain, whose validators must also back and check blocks of parachains, which this node does not do')
  }
}
