/**
 * Joining as the manager follows it: no event tells how far it has come, so it is looked at once a second until the whole node has started.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Disposer } from '../../../base/disposers.ts'
import type { ChainView } from '../../../chain/node/view.ts'
import type { ChainJoining } from './types.ts'

const LOOK_MS = 1_000

export class JoiningWatch {
  readonly #node: Pick<ChainView, 'joining'>
  readonly #clock: Clock
  readonly #onLook: (isJoining: boolean) => void
  #cancel: Disposer = () => undefined

  /** `onLook` hears of each look, and at last that it is over. */
  constructor(node: Pick<ChainView, 'joining'>, clock: Clock, onLook: (isJoining: boolean) => void) {
    this.#node = node
    this.#clock = clock
    this.#onLook = onLook
  }

  /** Nothing happens where nothing is joined. */
  start(): Disposer {
    this.#lookLater()
    return () => this.#cancel()
  }

  #lookLater(): void {
    if (this.#node.joining.status() === undefined) return
    this.#cancel = this.#clock.schedule(LOOK_MS, () => {
      this.#onLook(this.#node.joining.status() !== undefined)
      this.#lookLater()
    })
  }
}

/** For a status that everybody is told: what each peer gave is left out. */
export function briefly(status: ReturnType<ChainView['joining']['status']>): ChainJoining | undefined {
  if (status?.state === undefined) return status && { ...status, state: undefined }
  const { peers: _, target: __, ...state } = status.state
  return { ...status, state }
}
