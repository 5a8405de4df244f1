/**
 * `archive_v1_*`: any block, past or present (JSON-RPC interface specification). At or below the finalized height a
 * height has one block; above it, one for each fork.
 */
import { toHex, type Hash } from '../../../base/bytes.ts'
import { encodeHeader } from '../../scale/header.ts'
import { noteAsked } from '../asked-states.ts'
import { discardedState, runtimeFailure } from '../errors.ts'
import { defineCall, type Method } from '../method.ts'
import { blockNumber, functionName, hash, hexBytes } from '../params.ts'
import type { BlockQueries, MethodDeps } from '../types.ts'

/** Every known block of this height. */
export function hashesAt(blocks: BlockQueries, height: number): readonly Hash[] {
  const finalized = blocks.finalized()
  if (height <= finalized.number) {
    const found = blocks.hashByNumber(height)
    return found === undefined ? [] : [found]
  }
  let level: readonly Hash[] = [finalized.hash]
  for (let number = finalized.number; number < height && level.length > 0; number++) {
    level = level.flatMap((block) => blocks.children(block).map((child) => child.hash))
  }
  return level
}

export function archiveMethods({ blocks, runtime }: Pick<MethodDeps, 'blocks' | 'runtime'>, options: { readonly callTimeoutMs: number }): Method[] {

  return [
    defineCall({ name: 'archive_v1_genesisHash', params: {}, handle: () => blocks.genesisHash }),
    defineCall({ name: 'archive_v1_finalizedHeight', params: {}, handle: () => blocks.finalized().number }),
    defineCall({ name: 'archive_v1_hashByHeight', params: { height: blockNumber }, handle: ({ height }) => hashesAt(blocks, height) }),
    defineCall({
      name: 'archive_v1_header',
      params: { hash },
      handle({ hash: block }) {
        const header = blocks.header(block)
        return header === undefined ? null : toHex(encodeHeader(header))
      },
    }),
    defineCall({
      name: 'archive_v1_body',
      params: { hash },
      handle: async ({ hash: block }) => (await blocks.body(block))?.map(toHex) ?? null,
    }),
    defineCall({
      name: 'archive_v1_call',
      params: { hash, function: functionName, callParameters: hexBytes },
      async handle({ hash: block, function: name, callParameters }) {
        const header = blocks.header(block)
        if (header === undefined) return null
        noteAsked(header.stateRoot, block)
        try {
          const value = await runtime.call(header.stateRoot, name, callParameters, { timeoutMs: options.callTimeoutMs, remembered: true })
          return { success: true, value: toHex(value) }
        } catch (error) {
          const discarded = discardedState(error)
          const why = discarded === undefined ? runtimeFailure(error) : `UnknownBlock: ${discarded}`
          if (why === undefined) throw error
          return { success: false, error: why }
        }
      },
    }),
  ]
}
