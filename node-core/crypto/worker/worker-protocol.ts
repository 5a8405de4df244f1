/** What the main thread and the crypto worker say to each other: batches of tasks, batches of answers. */
import type { PackedChecks } from '../ed25519/ed25519-batch.ts'
import type { HeaderCheck, HeaderVerdict, SlotDraw, SlotInput } from './slot-crypto.ts'

export type CryptoTask =
  | { readonly kind: 'draw'; readonly secret: Uint8Array; readonly input: SlotInput; readonly below: bigint | undefined }
  | { readonly kind: 'check'; readonly check: HeaderCheck }
  | { readonly kind: 'seal'; readonly secret: Uint8Array; readonly sealedHash: Uint8Array }
  | { readonly kind: 'ed25519'; readonly checks: PackedChecks }

export type CryptoResult = SlotDraw | undefined | HeaderVerdict | Uint8Array | readonly boolean[]

export type CryptoRequest = readonly (readonly [id: number, task: CryptoTask])[]

/** `error` is a message; the worker lives on. */
export type CryptoAnswer = { readonly id: number; readonly result: CryptoResult } | { readonly id: number; readonly error: string }
