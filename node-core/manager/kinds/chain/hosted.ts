/** The node of a chain as the manager hosts it: its blocks, its status and what is wrong with it, in the words of every kind. */
import { Disposers } from '../../../base/disposers.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Clock } from '../../../base/clock.ts'
import type { ChainView } from '../../../chain/node/view.ts'
import { runsOnOldRuntime } from '../../../chain/spec/old-chains.ts'
import type { ChainSpec } from '../../../chain/spec/schema.ts'
import type { HostedNode, ManagedNode, NodeListener, NodeView } from '../kind.ts'
import type { TroubleAction, TroubleFinding } from '../trouble.ts'
import { BlockFeed } from './block-feed.ts'
import { HoldWatch } from './hold-watch.ts'
import { briefly, JoiningWatch } from './joining-watch.ts'
import { chainTroubles } from './troubles.ts'
import type { ChainDiskParts, ChainStatus } from './types.ts'

/** The node of a chain, as screens and services see it. */
export type ChainNode = ChainView & Omit<NodeView, keyof ChainView>

/** Key types of those who make blocks. */
const BLOCK_KEYS = ['babe', 'aura']

export class HostedChain implements HostedNode {
  readonly node: ManagedNode & ChainView
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #hold = new HoldWatch(() => this.#listener?.onChange())
  readonly #chainType: ChainSpec['chainType']
  #listener: NodeListener | undefined
  #oldRuntime = false

  constructor(node: ManagedNode & ChainView, { logger, clock, chainType }: { readonly logger: Logger; readonly clock: Clock; readonly chainType: ChainSpec['chainType'] }) {
    this.node = node
    this.#logger = logger
    this.#clock = clock
    this.#chainType = chainType
  }

  networkIdentity(): string {
    return this.node.blocks.genesisHash
  }

  isSoleAuthority(): boolean {
    if (!this.node.authoring) return false
    if (this.#chainType === 'Development') return true
    const makers = [...this.node.sessionKeys.inUse().keys].filter((key) => BLOCK_KEYS.some((type) => key.startsWith(`${type}:`)))
    return makers.length === 1
  }

  async follow(listener: NodeListener): Promise<{ readonly blocks: BlockFeed; readonly dispose: () => void }> {
    const { events } = this.node.blocks
    const blocks = new BlockFeed(this.node)
    const disposers = new Disposers()
    let isOver = false
    disposers.add(() => (isOver = true))
    this.#listener = listener
    disposers.add(() => (this.#listener = undefined))
    const begin = async (): Promise<void> => {
      await blocks.load()
      blocks.lookUpAuthors((block) => listener.onBlock(block), () => isOver).catch((error: unknown) => this.#logger.debug('who wrote earlier blocks is not known', { reason: errorMessage(error) }))
      // A runtime that does not even say who it is has a card of its own.
      const version = await this.node.runtimeVersion().catch(() => undefined)
      this.#oldRuntime = version !== undefined && runsOnOldRuntime(version.specName, this.#chainType)
    }
    const notShown = (error: unknown): void => this.#logger.warn('a block could not be shown', { reason: errorMessage(error) })
    // Of a chain that is still being joined there is nothing to show: its list begins when it stands on a block.
    let begun = this.node.joining.status() === undefined ? begin() : undefined
    const show = (): void => {
      begun ??= begin().then(() => blocks.latest(Infinity).reverse().forEach((block) => listener.onBlock(block)))
      begun.catch(notShown)
    }
    disposers.add(
      events.on('imported', ({ block, header }) => {
        begun?.then(() => blocks.add(block, header)).then((summary) => listener.onBlock(summary), notShown)
      }),
    )
    disposers.add(
      events.on('bestChanged', () => {
        show()
        listener.onNewest()
      }),
    )
    disposers.add(events.on('finalized', ({ head }) => listener.onSettled(head)))
    const look = (isJoining: boolean): void => {
      if (!isJoining) show()
      listener.onChange()
    }
    disposers.add(new JoiningWatch(this.node, this.#clock, look).start())
    await begun
    return { blocks, dispose: () => disposers.dispose() }
  }

  status(): ChainStatus {
    const { blocks, surroundings, rpcAddress, sealing, joining } = this.node
    const mode = typeof sealing?.mode === 'object' ? 'interval' : sealing?.mode
    const joins = briefly(joining.status())
    return {
      kind: 'chain', genesisHash: blocks.genesisHash, hold: surroundings.authoringHold(), isPublic: this.#chainType === 'Live', sealing: mode,
      // It listens already, but a wallet would find nothing there.
      rpcAddress: joins === undefined ? rpcAddress : undefined, joining: joins,
    }
  }

  diskParts(): Promise<ChainDiskParts | undefined> {
    // It may stop meanwhile.
    return this.node.diskParts().catch(() => undefined)
  }

  troubles(common: readonly TroubleFinding[], { now, canOpenTimeSettings }: { readonly now: number; readonly canOpenTimeSettings: boolean }): readonly TroubleFinding[] {
    const { sync, surroundings, slotDurationMs, authoring, record } = this.node
    return chainTroubles(common, {
      dataPath: this.node.dataPath,
      sync: sync.status(),
      authoring: surroundings.authoringProblem(),
      hold: this.#hold.look(surroundings.authoringHold(), now),
      slotDurationMs,
      signing: authoring ? surroundings.signingProblem() : undefined,
      silence: authoring ? record.silence() : undefined,
      elsewhere: authoring ? surroundings.signedElsewhere() : undefined,
      oldRuntime: this.#oldRuntime,
      validatorRefused: this.node.validatorRefused,
      isPublic: this.#chainType === 'Live',
      canOpenTimeSettings,
    })
  }

  async mend(action: TroubleAction): Promise<void> {
    if (action === 'sole-signer') await this.node.surroundings.confirmSoleSigner()
  }
}
