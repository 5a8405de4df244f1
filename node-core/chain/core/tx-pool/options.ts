/** How much the pool holds, and for how long. */
export interface PoolOptions {
  readonly readyLimit: number
  readonly readyBytesLimit: number
  readonly futureLimit: number
  readonly futureBytesLimit: number
  /** How long a removed transaction is refused, in milliseconds. */
  readonly banMs: number
  /** Validations under way at once; one more is dropped. */
  readonly validationsLimit: number
  /** How many of each queue are validated again per block. */
  readonly revalidateLimit: number
  /** Validations that one change of the best chain may cost besides: of transactions in blocks that the pool never held, and of those asked about on an abandoned fork. */
  readonly foreignLimit: number
  /** This node authors: it has a use for transactions that must not be passed on. */
  readonly authoring: boolean
  /** Largest transaction, in bytes. */
  readonly extrinsicLimit: number
}

export const POOL_DEFAULTS: PoolOptions = {
  readyLimit: 8192,
  readyBytesLimit: 20 * 1024 * 1024,
  futureLimit: 819,
  futureBytesLimit: 2 * 1024 * 1024,
  banMs: 30 * 60 * 1000,
  validationsLimit: 512,
  revalidateLimit: 64,
  foreignLimit: 512,
  authoring: true,
  extrinsicLimit: 4 * 1024 * 1024,
}
