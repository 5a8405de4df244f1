/** `state_get*ReadProof`: the trie nodes that prove what a block's state holds. They exist where the state service can give them. */
import { z } from 'zod'
import { toHex } from '../../../base/bytes.ts'
import { defineCall, type Method } from '../method.ts'
import { hash, hexBytes, optional } from '../params.ts'
import type { MethodDeps } from '../types.ts'
import { headerAt } from './block-at.ts'
import { childKey } from './childstate.ts'

/** Keys that one proof may be about. */
const MAX_KEYS = 10_000

export function proofMethods({ blocks, trie }: Pick<MethodDeps, 'blocks' | 'trie'>): Method[] {
  const keysAt = { keys: z.array(hexBytes).max(MAX_KEYS), hash: optional(hash) }
  const methods: Method[] = []
  if (trie.readProof !== undefined) {
    methods.push(
      defineCall({
        name: 'state_getReadProof',
        params: keysAt,
        handle({ keys, hash: block }) {
          const at = block ?? blocks.best().hash
          return { at, proof: trie.readProof?.(headerAt(blocks, at).stateRoot, keys).map(toHex) ?? [] }
        },
      }),
    )
  }
  if (trie.readChildProof !== undefined) {
    methods.push(
      defineCall({
        name: 'state_getChildReadProof',
        params: { childStorageKey: hexBytes, ...keysAt },
        handle({ childStorageKey, keys, hash: block }) {
          const at = block ?? blocks.best().hash
          return { at, proof: trie.readChildProof?.(headerAt(blocks, at).stateRoot, childKey(childStorageKey), keys).map(toHex) ?? [] }
        },
      }),
    )
  }
  return methods
}
