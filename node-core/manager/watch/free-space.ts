/** How much room is left on the disk of a network, and whether its node may go on. */
import { NodeError } from '../../base/errors.ts'
import { DISK_LIMITS, type DiskLimits } from './troubles.ts'

export class FreeSpace {
  readonly limits: DiskLimits
  readonly #measure: () => Promise<number | undefined>
  #bytes: number | undefined

  constructor(measure: () => Promise<number | undefined>, limits: DiskLimits = DISK_LIMITS) {
    this.#measure = measure
    this.limits = limits
  }

  /** As it was measured last; undefined where nobody can tell. */
  get bytes(): number | undefined {
    return this.#bytes
  }

  /** Less than a database needs to close whole. */
  get isUsedUp(): boolean {
    return this.#bytes !== undefined && this.#bytes < this.limits.stopBytes
  }

  async measure(): Promise<void> {
    this.#bytes = await this.#measure().catch(() => undefined)
  }

  /** `what` was done because of it, as the beginning of a sentence. */
  error(what: string): NodeError<'DISK_FULL'> {
    const { stopBytes, warnBytes } = this.limits
    return new NodeError('DISK_FULL', `${what}: its disk has only ${megabytes(this.#bytes ?? 0)} left.`, {
      data: { freeBytes: this.#bytes, stopBytes },
      hint: `Free up at least ${megabytes(stopBytes)}, better ${megabytes(warnBytes)}, then start the node.`,
    })
  }
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`
}
