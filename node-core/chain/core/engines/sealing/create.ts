/**
 * Sealing on request, for development: blocks come when somebody asks, as soon as there is a transaction, or at a pace of their own; and
 * they are final when somebody says so. Tests of contracts and tools need not wait for slots, and can have forks and finality as they
 * wish.
 *
 * It is no consensus. Whoever may call the node's RPC decides about the chain; a header proves nothing, so every header is taken whose
 * parent is known, and the longest chain is best. Nothing stands against an attacker: therefore only a development network is sealed,
 * unless somebody insists (`--force-sealing`), and nobody votes on finality beside it.
 *
 * The chain's runtime is one for BABE or Aura as a rule, and looks for a claim to a slot in each block; what it wants to see comes from
 * that engine ({@link AuthoringPart.stamp}), what only a verifier would look at (VRF, seal) is left out. So the chain can never be
 * taken up by that engine again, and is marked with its first block: `sealing/mark` in the aux store.
 *
 * sealer.ts makes blocks and finality · schedule.ts says when · rpc.ts is how people ask.
 */
import { NodeError } from '../../../../base/errors.ts'
import { blake2Hash } from '../../../../crypto/hashes/hashing.ts'
import { encodeHeader } from '../../../scale/header.ts'
import type { AuxEntry, AuxStore } from '../../../state/types.ts'
import type { SealingOptions } from '../engine.ts'
import type { AuthoringPart, PartDependencies } from '../parts.ts'
import { BLOCK_WEIGHT, longestChain } from '../slots/longest-chain.ts'
import { SealingError } from './errors.ts'
import { sealingMethods } from './rpc.ts'
import { SealingSchedule } from './schedule.ts'
import { Sealer } from './sealer.ts'

const MARK = 'sealing/mark'

/** What people may expect between two blocks where nothing says it. */
const DEFAULT_PACE_MS = 6_000

/** What marks a chain as sealed on request. */
export function sealedEntries(): AuxEntry[] {
  return [[MARK, Uint8Array.of(1)]]
}

/** Whether the blocks of this chain were sealed on request. */
export function isSealed(aux: AuxStore): boolean {
  return aux.getAux(MARK) !== undefined
}

/** Throws ENGINE_SEALED_CHAIN where this chain has blocks that no consensus made. */
export function assertNotSealed(aux: AuxStore): void {
  if (!isSealed(aux)) return
  throw new NodeError('ENGINE_SEALED_CHAIN', 'The blocks of this chain were sealed on request; its consensus engine cannot continue from them.', {
    hint: 'Switch block production back to on request (Settings, or --sealing), or reset the chain.',
  })
}

/** `slots` is what the runtime takes its blocks to be made by; undefined where it looks for nothing. */
export function createSealing(dependencies: PartDependencies, options: SealingOptions, slots: AuthoringPart | undefined): Omit<AuthoringPart, 'stamp'> {
  const { blocks, writer, imports } = dependencies
  const logger = dependencies.logger.child('sealing')
  const { mode } = options
  const pace = typeof mode === 'object' ? mode.everyMs : undefined
  let sealer: Sealer | undefined
  const running = (): Sealer => {
    if (sealer === undefined) throw new SealingError('SEALING_STOPPED', 'Sealing has not started yet.')
    return sealer
  }
  return {
    name: slots === undefined ? 'sealing on request' : `sealing on request in place of ${slots.name}`,
    slotDuration: slots?.slotDuration ?? pace ?? DEFAULT_PACE_MS,
    followsClock: false,
    verifier: {
      async verify(header) {
        const aux: AuxEntry[] = isSealed(writer) ? [] : sealedEntries()
        return { hash: blake2Hash(encodeHeader(header)), unsealed: header, author: undefined, weight: BLOCK_WEIGHT, aux }
      },
    },
    weights: longestChain(blocks),
    authoring(tools) {
      const running = new Sealer({ ...tools, writer, imports, slots, logger })
      sealer = running
      return new SealingSchedule({ ...tools, sealer: running, logger }, options)
    },
    digests: slots?.digests ?? { describe: () => undefined },
    lists: slots?.lists ?? [],
    rpc: sealingMethods(() => sealer),
    sealing: {
      mode,
      seal: async () => (await running().seal({ createEmpty: true, finalize: false })).block,
      finalize: async (hash) => running().finalize(hash),
    },
    heightCeiling: () => undefined,
    authorByState: async (header) => slots?.authorByState(header),
    finalizing: (head) => slots?.finalizing(head) ?? [],
  }
}
