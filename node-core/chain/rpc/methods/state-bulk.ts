/**
 * `state_*` calls that read everything below a prefix: how much it is, and all of it. Both go page by page, so that the event loop breathes
 * over a large map.
 */
import { toHex, type Hash, type Hex } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { CODE, RpcError } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import { hash, hexBytes, optional } from '../params.ts'
import { SLICE } from '../server/slices.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'

/** How long the size of a prefix may be added up for a client that is not trusted, as in Substrate's nodes. */
const UNTRUSTED_SIZE_MS = 30_000

export interface BulkOptions {
  readonly clock: Clock
  readonly maxResponseBytes: number
}

export function bulkStateMethods({ blocks, storage }: Pick<MethodDeps, 'blocks' | 'storage'>, { clock, maxResponseBytes }: BulkOptions): Method[] {
  const at = optional(hash)

  async function* entriesBelow(stateRoot: Hash, prefix: Uint8Array): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array]> {
    for (let start: Uint8Array | undefined; ; ) {
      const keys = storage.keys(stateRoot, prefix, SLICE, start)
      for (const key of keys) {
        const value = storage.get(stateRoot, key)
        if (value !== undefined) yield [key, value]
      }
      if (keys.length < SLICE) return
      start = keys.at(-1)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** A key that has no value of its own is taken for a prefix: all values below it count. Null where these are nothing. */
  async function sizeAt(stateRoot: Hash, key: Uint8Array, deadline: number): Promise<number | null> {
    const own = storage.get(stateRoot, key)
    if (own !== undefined) return own.length
    let sum = 0
    for await (const [, value] of entriesBelow(stateRoot, key)) {
      sum += value.length
      if (clock.now() > deadline) throw new RpcError(CODE.stateClient, 'Client error: the size of so much storage takes too long to add up')
    }
    return sum === 0 ? null : sum
  }

  return [
    defineCall({
      name: 'state_getStorageSize',
      aliases: ['state_getStorageSizeAt'],
      params: { key: hexBytes, hash: at },
      handle: ({ key, hash: block }, { trusted }) =>
        sizeAt(headerAt(blocks, block).stateRoot, key, trusted ? Infinity : clock.now() + UNTRUSTED_SIZE_MS),
    }),
    defineCall({
      name: 'state_getPairs',
      params: { prefix: hexBytes, hash: at },
      unsafe: true,
      async handle({ prefix, hash: block }) {
        const pairs: (readonly [Hex, Hex])[] = []
        let size = 0
        for await (const [key, value] of entriesBelow(headerAt(blocks, block).stateRoot, prefix)) {
          pairs.push([toHex(key), toHex(value)])
          size += 2 * (key.length + value.length) + 12
          if (size > maxResponseBytes) throw new RpcError(CODE.responseTooBig, 'Response is too big', `more than ${maxResponseBytes} bytes: ask for less, or for pages with state_getKeysPaged`)
        }
        return pairs
      },
    }),
  ]
}
