/** Whether the blocks of a network may be sealed on request, and how. */
import { NodeError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { SealingOptions } from '../core/engines/engine.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { NodeOptions } from './options.ts'

/** Undefined where consensus decides. Throws SEALING_NOT_DEVELOPMENT: on a network of many, whoever seals on request leaves it. */
export function sealingOf(
  { name, chainType }: Pick<ChainSpec, 'name' | 'chainType'>, { sealing, finalizeDelaySec, forceSealing }: Pick<NodeOptions, 'sealing' | 'finalizeDelaySec' | 'forceSealing'>,
  logger: Logger,
): SealingOptions | undefined {
  if (sealing === undefined) return undefined
  if (chainType !== 'Development') {
    if (!forceSealing) {
      throw new NodeError('SEALING_NOT_DEVELOPMENT', `${name} is not a development network: no other node accepts blocks that are sealed on request.`, {
        hint: 'Use --chain dev, or add --force-sealing if no other node is in this network.',
      })
    }
    logger.warn('blocks are sealed on request outside a development network: no other node will accept them', { network: name })
  }
  return {
    mode: typeof sealing === 'number' ? { everyMs: sealing } : sealing,
    finalizeAfterMs: finalizeDelaySec === undefined ? undefined : finalizeDelaySec * 1000,
  }
}
