/** `state_subscribe*`: storage items and the runtime version as the best block moves. */
import { z } from 'zod'
import { equalBytes, toHex, type Hash, type Hex } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import { invalidParams } from '../errors.ts'
import { runtimeVersionJson } from '../json.ts'
import { defineSubscription, type Method } from '../method.ts'
import { hexBytes, optional } from '../params.ts'
import type { Subscription } from '../subscription.ts'
import type { MethodDeps } from '../types.ts'

/** Keys of one subscription: all of them are read again with every best block, which must stay a matter of milliseconds. */
const MAX_KEYS = 4096

export function stateSubscriptions({ blocks, events, runtime, storage }: MethodDeps, logger: Logger): Method[] {
  function watchStorage(keys: readonly Uint8Array[], subscription: Subscription): void {
    let lastRoot: Hash | undefined
    const last = new Map<Hex, Uint8Array | undefined>()
    const compare = (block: Hash): void => {
      const stateRoot = blocks.header(block)?.stateRoot
      if (stateRoot === undefined || stateRoot === lastRoot) return
      const first = lastRoot === undefined
      lastRoot = stateRoot
      const changes: [Hex, Hex | null][] = []
      for (const key of keys) {
        const name = toHex(key)
        const now = storage.get(stateRoot, key)
        const before = last.get(name)
        const same = now === undefined || before === undefined ? now === before : equalBytes(now, before)
        if (same && !first) continue
        last.set(name, now)
        changes.push([name, now === undefined ? null : toHex(now)])
      }
      if (changes.length > 0) subscription.notify({ block, changes })
    }
    subscription.onEnd(events.on('bestChanged', ({ best }) => compare(best.hash)))
    compare(blocks.best().hash)
  }

  /** Asks the executor once per best block, never twice at a time; blocks that come meanwhile count as one. */
  function watchVersion(subscription: Subscription): void {
    let last: string | undefined
    let busy = false
    let again = false
    const check = async (): Promise<void> => {
      again = busy
      if (busy) return
      busy = true
      try {
        const header = blocks.header(blocks.best().hash)
        const version = header === undefined ? undefined : runtimeVersionJson(await runtime.version(header.stateRoot))
        const text = JSON.stringify(version)
        if (text !== undefined && text !== last) {
          last = text
          subscription.notify(version)
        }
      } catch (error) {
        logger.warn('the runtime version could not be read', { reason: errorMessage(error) })
      } finally {
        busy = false
      }
      if (again && !subscription.ended) void check()
    }
    subscription.onEnd(events.on('bestChanged', () => void check()))
    void check()
  }

  return [
    ...defineSubscription({
      subscribe: ['state_subscribeStorage'],
      unsubscribe: ['state_unsubscribeStorage'],
      notification: 'state_storage',
      params: { keys: optional(z.array(hexBytes).max(MAX_KEYS)) },
      open({ keys }, subscription) {
        if (keys === undefined) throw invalidParams('keys: name the keys; all of the storage cannot be subscribed to')
        return () => watchStorage(keys, subscription)
      },
    }),
    ...defineSubscription({
      subscribe: ['state_subscribeRuntimeVersion', 'chain_subscribeRuntimeVersion'],
      unsubscribe: ['state_unsubscribeRuntimeVersion', 'chain_unsubscribeRuntimeVersion'],
      notification: 'state_runtimeVersion',
      params: {},
      open: (_params, subscription) => () => watchVersion(subscription),
    }),
  ]
}
