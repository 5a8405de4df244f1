/**
 * Upgrades of the runtime of our own networks.
 *
 * A newer app carries a newer runtime, but a chain runs what is in its state: every node executes the same code whatever app it
 * came with, until root decides otherwise. This service compares the two, tells who could upgrade and how far an upgrade is, and carries one
 * out where a person asks for it and this node holds root's key.
 *
 * It looks at the chain whenever a block becomes best or final; what is not final is only ever told, never acted on. Nothing is remembered
 * over a restart: the authorization and the version are in the chain's state. It never signs by itself, and never a second time while
 * one attempt is under way. On chains of other runtimes it reads one value at the start, and rests.
 *
 * What somebody else could do: whoever is root can authorize any code; other nodes see its hash, and say so where it is not the code
 * that they carry. Whoever is not root can bring the authorized code and no other: the chain checks the hash.
 */
import { toHex, type Hash } from '../../base/bytes.ts'
import { Disposers } from '../../base/disposers.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import type { Call } from '../extrinsics/arguments.ts'
import type { Signer } from '../extrinsics/builder.ts'
import type { ExtrinsicSender, SendOptions } from '../extrinsics/sender.ts'
import { findSigner } from '../extrinsics/signers.ts'
import type { CarriedRuntime } from './carried.ts'
import type { UpgradeBlocks, UpgradeRuntime, UpgradeStorage } from './chain.ts'
import { madeBy } from './chain-facts.ts'
import { runtimeChanges } from './changes.ts'
import { ChainWatch } from './chain-watch.ts'
import { decide, type OwnWork } from './decision.ts'
import { UpgradeError } from './errors.ts'
import { holderOf, type RootHolderDependencies } from './root-holder.ts'
import type { UpgradeDetails, UpgradeState, UpgradeStep, UpgradesView } from './types.ts'

export interface UpgradeServiceDependencies {
  readonly blocks: UpgradeBlocks
  readonly storage: UpgradeStorage
  readonly runtime: UpgradeRuntime
  readonly sender: Pick<ExtrinsicSender, 'send' | 'sendBare' | 'encode'>
  readonly root: RootHolderDependencies
  readonly accountOf: (publicKey: Uint8Array) => { readonly address: string; readonly name: string | undefined }
  readonly sync: { isMajorSyncing(): boolean }
  /** Milliseconds. */
  readonly slotDuration: () => number
  readonly logger: Logger
}

export interface UpgradeServiceOptions {
  /** Undefined where this installation carries none. */
  readonly carried: CarriedRuntime | undefined
}

/** An upgrade is told of for so long after it. */
const RECENT_MS = 7 * 24 * 60 * 60 * 1000
const NO_WORK: OwnWork = { kind: 'idle' }

function authorization(codeHash: Hash): Call {
  return { pallet: 'Sudo', name: 'sudo', args: { call: { pallet: 'System', name: 'authorize_upgrade', args: { code_hash: codeHash } } } }
}

export class UpgradeService implements Service, UpgradesView {
  readonly #dependencies: UpgradeServiceDependencies
  readonly #carried: CarriedRuntime | undefined
  readonly #watch: ChainWatch
  #subscriptions = new Disposers()
  #stopping = new AbortController()
  #driving: Promise<void> = Promise.resolve()
  #work: OwnWork = NO_WORK

  constructor(dependencies: UpgradeServiceDependencies, { carried }: UpgradeServiceOptions) {
    this.#dependencies = dependencies
    this.#carried = carried
    this.#watch = new ChainWatch(dependencies)
  }

  async start(): Promise<void> {
    const { blocks, logger } = this.#dependencies
    if (!this.#isOurs()) return
    this.#stopping = new AbortController()
    this.#subscriptions = new Disposers()
    const look = (): void => {
      this.#watch.look().catch((error: unknown) => logger.warn('the state of the runtime upgrade could not be read', { reason: errorMessage(error) }))
    }
    this.#subscriptions.add(blocks.events.on('bestChanged', look))
    this.#subscriptions.add(blocks.events.on('finalized', look))
    await this.#watch.look()
  }

  /** What was sent goes on without this node. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#subscriptions.dispose()
    await this.#driving
    await this.#watch.idle()
    this.#watch.forget()
  }

  state(): UpgradeState | undefined {
    const carried = this.#carried
    const seen = this.#watch.seen
    if (carried === undefined || seen === undefined) return undefined
    const { root, accountOf, slotDuration } = this.#dependencies
    const { finalized, best, since, authorizedAt } = seen
    const work = this.#work
    const isRecent = since !== undefined && (finalized.number - since) * slotDuration() < RECENT_MS
    const decision = decide({ carried, finalized, best, work, isRecent })
    const account = seen.root === undefined ? undefined : accountOf(seen.root)
    return {
      ...decision,
      specName: carried.specName,
      current: finalized.specVersion,
      root: holderOf(seen.root, seen.rootHasWork, root),
      rootAddress: account?.address,
      rootName: account?.name,
      isOwn: work.kind === 'step',
      inBlock: work.kind === 'step' ? work.inBlock : undefined,
      authorizedAt, since,
      failure: decision.stage === 'failed' && work.kind === 'failed' ? work.failure : undefined,
    }
  }

  async details(): Promise<UpgradeDetails> {
    const { blocks, runtime, sender } = this.#dependencies
    const carried = this.#carried
    const header = blocks.header(blocks.finalized().hash)
    if (carried === undefined || header === undefined || this.#watch.seen === undefined) throw notPossible('This chain does not run the Nodestead runtime.')
    const before = await runtime.metadata(header.stateRoot, 15)
    const { codeHash } = carried
    return { changes: runtimeChanges(before, await carried.metadata()), codeHash, call: toHex(await sender.encode(authorization(codeHash))) }
  }

  async begin(specVersion: number): Promise<void> {
    const { carried, state } = this.#require(specVersion, ['offered', 'failed'])
    if (state.root.kind === 'locked') {
      throw new UpgradeError('UPGRADE_KEYS_LOCKED', 'The key of root is locked.', { hint: 'Unlock the keys on the Keys screen.' })
    }
    const account = this.#watch.seen?.root
    const signer = account === undefined ? undefined : findSigner(this.#dependencies.root.signing, account)
    if (signer === undefined) throw notPossible('This node does not have the key of root.')
    this.#drive(state.canApply ? ['apply'] : ['authorize', 'apply'], carried, signer)
  }

  async apply(specVersion: number): Promise<void> {
    const { carried, state } = this.#require(specVersion, ['authorized', 'failed'])
    if (!state.canApply) throw notPossible('Root has not authorized this version.')
    this.#drive(['apply'], carried, undefined)
  }

  dismiss(): void {
    if (this.#work.kind === 'failed') this.#work = NO_WORK
  }

  #isOurs(): boolean {
    const { blocks, storage } = this.#dependencies
    const root = blocks.header(blocks.finalized().hash)?.stateRoot
    return this.#carried !== undefined && root !== undefined && storage.has(root) && madeBy(storage, root)?.specName === this.#carried.specName
  }

  /** What a person agreed to has to be what there is now. */
  #require(specVersion: number, stages: readonly UpgradeState['stage'][]): { readonly carried: CarriedRuntime; readonly state: UpgradeState } {
    const state = this.state()
    if (this.#carried === undefined || state === undefined) throw notPossible('This chain does not run the Nodestead runtime.')
    if (!stages.includes(state.stage)) throw notPossible(state.isOwn ? 'A runtime upgrade is already in progress.' : 'There is nothing to upgrade now.')
    if (state.target !== specVersion) throw notPossible(`This app does not include runtime version ${specVersion}.`)
    return { carried: this.#carried, state }
  }

  /** One attempt; the work is taken before anything is waited for, so that there is never a second one. */
  #drive(steps: readonly UpgradeStep[], carried: CarriedRuntime, signer: Signer | undefined): void {
    const { logger } = this.#dependencies
    let step = steps[0] as UpgradeStep
    this.#work = { kind: 'step', step, inBlock: undefined }
    logger.info('the runtime upgrade starts', { from: this.#watch.seen?.finalized.specVersion, to: carried.specVersion, codeHash: carried.codeHash })
    const run = async (): Promise<void> => {
      // Read first: what cannot be brought is not authorized.
      const code = await carried.code()
      for (step of steps) {
        this.#work = { kind: 'step', step, inBlock: undefined }
        if (step === 'apply') await this.#bring(code)
        else if (signer !== undefined) await this.#dependencies.sender.send(authorization(carried.codeHash), signer, this.#watched(step))
      }
    }
    this.#driving = run()
      .catch((error: unknown) => this.#failed(step, error))
      // What is final is seen before the work is called done.
      .then((failed) => this.#watch.look().catch(() => undefined).then(() => failed))
      .then((failed) => {
        const isAhead = (this.#watch.seen?.best.specVersion ?? 0) >= carried.specVersion
        this.#work = failed === undefined || isAhead ? NO_WORK : failed
      })
  }

  /** Nobody signs: what is brought is what root authorized. */
  async #bring(code: Uint8Array): Promise<void> {
    const call = { pallet: 'System', name: 'apply_authorized_upgrade', args: { code } }
    try {
      const { events } = await this.#dependencies.sender.sendBare(call, this.#watched('apply'))
      const rejection = events.find(({ pallet, name }) => pallet === 'System' && name === 'RejectedInvalidAuthorizedUpgrade')
      if (rejection === undefined) return
      const error = rejection.fields.find(({ value }) => value.kind === 'error')?.value
      const name = error?.kind === 'error' ? error.error.name : 'unknown'
      throw new UpgradeError('UPGRADE_REJECTED', `The chain rejected the new runtime: ${name}.`, { data: { name } })
    } catch (error) {
      // Another node brought it: the pool holds the same bytes.
      if (!isNodeError(error) || error.code !== 'TX_ALREADY_IMPORTED') throw error
    }
  }

  #watched(step: UpgradeStep): SendOptions {
    const { logger } = this.#dependencies
    return {
      signal: this.#stopping.signal,
      onProgress: (progress) => {
        const inBlock = progress.kind === 'inBlock' ? progress.block.number : undefined
        this.#work = { kind: 'step', step, inBlock }
        if (inBlock !== undefined) logger.info('a runtime upgrade transaction is in a block', { step, block: inBlock })
      },
    }
  }

  #failed(step: UpgradeStep, error: unknown): OwnWork | undefined {
    if (this.#stopping.signal.aborted) return undefined
    const message = errorMessage(error)
    this.#dependencies.logger.warn('the runtime upgrade failed', { step, reason: message })
    const failure = isNodeError(error) ? { code: error.code, hint: error.hint } : { code: 'UPGRADE_FAILED', hint: undefined }
    return { kind: 'failed', failure: { step, message, ...failure } }
  }
}

function notPossible(why: string): UpgradeError {
  return new UpgradeError('UPGRADE_NOT_POSSIBLE', why)
}
