/**
 * Joining in the running node: decides whether the chain is joined by proofs, runs the stages (chain/joining) before core starts, and says
 * how it goes.
 *
 * Only a chain that stands at its genesis block is joined so. Where nobody serves proofs and the specification has a genesis state, the node
 * syncs block by block; where it has none, it waits for somebody who does.
 */
import type { Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { isNodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { BatchVerifier } from '../../crypto/ed25519/ed25519-batch.ts'
import type { PeerJudge, RequestSender } from '../../network/contracts.ts'
import type { AuthorityFork } from '../core/engines/engine.ts'
import { isBodyOf } from '../core/import/extrinsics-root.ts'
import type { AnchorBlock } from '../core/engines/joining.ts'
import { anchorAuthoring, LIGHT_PROOFS, proofSourceOf } from '../core/engines/table.ts'
import { forgetJoining } from '../joining/forget.ts'
import { Joining } from '../joining/joining.ts'
import { wait } from '../joining/patience.ts'
import { StateDownload } from '../joining/state/state-download.ts'
import { StateThread } from '../joining/state/state-thread.ts'
import type { JoiningStatus, JoinOutcome, JoinPeer, JoinProgress, TrustedStart } from '../joining/types.ts'
import { requestBlocks, STATE_SPEC } from '../protocols/requests/index.ts'
import { ResponseError } from '../protocols/requests/errors.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import type { BlockRef, Extrinsic } from '../scale/block.ts'
import { headerHash } from '../scale/header.ts'
import type { LightSyncState } from '../spec/light-sync-state.ts'
import type { StateService } from '../state/state-service.ts'
import type { SyncMode } from './sync-mode.ts'

export interface NodeJoiningDependencies {
  readonly state: Pick<StateService, 'blocks' | 'storage' | 'anchoring' | 'dataPath'>
  readonly executor: RuntimeExecutor
  readonly crypto: BatchVerifier
  readonly sender: RequestSender
  readonly judge: PeerJudge
  /** Full nodes that are connected, and their best blocks. */
  readonly peers: () => readonly JoinPeer[]
  readonly clock: Clock
  readonly logger: Logger
}

export interface NodeJoiningOptions {
  readonly mode: SyncMode
  readonly authorityForks: readonly AuthorityFork[]
  /** Where the specification says that proofs may begin. */
  readonly lightSyncState: LightSyncState | undefined
  readonly workerUrl: URL | undefined
}

/** Before it is tried again where there is no other way. */
const AGAIN_MS = 30_000

/** How often a line tells how it goes. */
const LOG_MS = 10_000

export class NodeJoining {
  readonly #dependencies: NodeJoiningDependencies
  readonly #options: NodeJoiningOptions
  #joining: Joining | undefined
  /** When it began, until the whole node has started. */
  #since: number | undefined
  #isUnderWay = false
  #outcome: JoinOutcome | undefined

  constructor(dependencies: NodeJoiningDependencies, options: NodeJoiningOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Whether the chain is still to be joined; the state service must run. */
  get isDue(): boolean {
    return this.#options.mode === 'warp' && this.#dependencies.state.blocks.best().number === 0
  }

  /** Until the chain stands on a recent block, or is to be synced from genesis: blocks that peers tell of are of no use before. */
  get isUnderWay(): boolean {
    return this.#isUnderWay
  }

  /** Takes back what an earlier start did to join the chain: it is synced block by block now, or stands on an anchor. */
  async forget(): Promise<void> {
    const { state, logger } = this.#dependencies
    await forgetJoining(state.anchoring, logger)
  }

  /** Undefined while nothing is joined; told until {@link over}. */
  status(): JoiningStatus | undefined {
    if (this.#since === undefined) return undefined
    const peers = this.#dependencies.peers().length
    const progress: JoinProgress = this.#joining?.status(this.#since) ?? {
      stage: 'peers', since: this.#since, peers, proofs: undefined, target: undefined, state: undefined, hold: peers === 0 ? 'no-peers' : undefined,
    }
    return { ...progress, fallsBack: this.#hasGenesisState }
  }

  /** How joining ended since the node was built; undefined where nothing was joined. */
  outcome(): JoinOutcome | undefined {
    return this.#outcome
  }

  /** The whole node has started, or is not to start any more. */
  over(): void {
    this.#since = undefined
    this.#joining = undefined
  }

  /** Resolves when the chain stands on a recent block, or is to be synced from genesis. Rejects with what the disk or a runtime gives, and the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#dependencies
    const since = clock.now()
    this.#since = since
    this.#isUnderWay = true
    logger.info('joining the chain by proofs of finality and a recent state')
    const stopTelling = this.#tellNowAndThen()
    try {
      for (;;) {
        const kind = await this.#attempt(signal)
        if (kind === 'joined') {
          const { target, proofs, state } = this.status() as JoiningStatus
          this.#outcome = { kind, block: target as BlockRef, fragments: proofs?.fragments ?? 0, bytes: state?.bytes, tookMs: clock.now() - since }
          return
        }
        const reason = kind === 'young' ? 'nothing is final yet' : 'nobody serves proofs of finality'
        if (this.#hasGenesisState) {
          this.#outcome = { kind }
          logger.info('the chain is synced from its first block', { reason })
          return await this.forget()
        }
        logger.info('the chain cannot be joined yet', { reason })
        await wait(clock, AGAIN_MS, signal)
      }
    } finally {
      stopTelling()
      this.#isUnderWay = false
    }
  }

  /** What is not told by the download of the state itself. */
  #tellNowAndThen(): () => void {
    const { clock, logger } = this.#dependencies
    let cancel = (): void => undefined
    const again = (): void => {
      cancel = clock.schedule(LOG_MS, () => {
        const line = lineOf(this.status())
        if (line !== undefined) logger.info(...line)
        again()
      })
    }
    again()
    return () => cancel()
  }

  async #attempt(signal: AbortSignal): Promise<'joined' | 'young' | 'unserved'> {
    const { state, executor, crypto, sender, judge, peers, clock, logger } = this.#dependencies
    const { authorityForks, workerUrl } = this.#options
    const source = this.#hasGenesisState ? proofSourceOf(await executor.version(this.#genesisRoot, { lane: 'import' })) : LIGHT_PROOFS
    if (source === undefined) return 'unserved'
    const work = new StateThread({ logger }, { dataPath: state.dataPath, workerUrl })
    try {
      const states = new StateDownload({
        request: (peer, bytes, aborted) => sender.request(peer, STATE_SPEC, bytes, aborted),
        peers: () => peers().map(({ id }) => id),
        judge,
        work,
        clock,
        logger: logger.child('state'),
      })
      this.#joining = new Joining(
        {
          network: { sender, judge, peers },
          store: state.anchoring,
          proofs: source.proofs({ crypto, authorityForks, storage: state.storage, caller: executor, logger: logger.child('grandpa') }),
          states: {
            run: ({ hash, number, header }, aborted) => states.run({ hash, number, stateRoot: header.stateRoot }, aborted),
            status: () => states.status(),
            clear: () => work.clear(false),
          },
          bodyOf: (peer, block, aborted) => bodyOf(sender, peer, block, aborted),
          anchorAuthoring: (anchor) => anchorAuthoring(executor, anchor),
          clock,
          logger,
        },
        await this.#start(() => source.genesisSet(executor, this.#genesisRoot)),
      )
      return await this.#joining.run(signal)
    } catch (error) {
      if (isNodeError(error) && error.code === 'JOIN_NOT_SERVED') return 'unserved'
      throw error
    } finally {
      await work.close()
    }
  }

  async #start(genesisSet: () => Promise<TrustedStart['set']>): Promise<TrustedStart> {
    const { lightSyncState } = this.#options
    if (lightSyncState !== undefined && lightSyncState.finalizedHeader.number > 0) {
      const { finalizedHeader, authoritySet } = lightSyncState
      return { block: { hash: headerHash(finalizedHeader), number: finalizedHeader.number }, set: authoritySet }
    }
    return { block: { hash: this.#dependencies.state.blocks.genesisHash, number: 0 }, set: await genesisSet() }
  }

  get #hasGenesisState(): boolean {
    return this.#dependencies.state.storage.has(this.#genesisRoot)
  }

  get #genesisRoot(): Hash {
    const { blocks } = this.#dependencies.state
    const genesis = blocks.header(blocks.genesisHash)
    if (genesis === undefined) throw new Error('the state service has no genesis block')
    return genesis.stateRoot
  }
}

/** A line of the log, with its fields. */
function lineOf(status: JoiningStatus | undefined): [message: string, fields: Record<string, unknown>] | undefined {
  if (status === undefined) return undefined
  const { stage, peers, proofs, state, hold } = status
  const why = hold === undefined ? {} : { hold }
  if (stage === 'peers') return ['waiting for peers to join the chain through', { peers, ...why }]
  if (stage === 'proofs' && proofs !== undefined) return ['finality is being proven', { number: proofs.block.number, highest: proofs.highest, steps: proofs.fragments, peers, ...why }]
  if (state?.assembled !== undefined) return ['the state is being put together', { percent: Math.floor(state.assembled * 100) }]
  return hold === undefined ? undefined : ['the state is waited for', { peers, hold }]
}

/** Throws a ResponseError with the peer's fault where the extrinsics are not those of the header. */
async function bodyOf(sender: RequestSender, peer: string, { hash, header }: AnchorBlock, signal: AbortSignal): Promise<readonly Extrinsic[]> {
  const request = { header: true, body: true, justifications: false, from: hash, direction: 'ascending', maxBlocks: 1, multipleJustifications: true } as const
  const [block] = await requestBlocks(sender, peer, request, signal)
  const body = block?.body
  if (body === undefined) throw new ResponseError('RESPONSE_EMPTY', 'The peer does not have the block.')
  if (!isBodyOf(header, body)) throw new ResponseError('RESPONSE_MISMATCH', 'The extrinsics are not those of the header.')
  return body
}
