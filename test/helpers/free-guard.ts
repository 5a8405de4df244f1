/** Of a node whose keys may sign whatever is heard: for tests of everything else. */
import type { SigningGuard } from '../../node-core/chain/core/signing/guard.ts'

export const FREE_GUARD: Pick<SigningGuard, 'allows' | 'stop' | 'isListening' | 'hold' | 'onSlot' | 'made' | 'heardVote' | 'onRound'> = {
  stop: undefined,
  isListening: false,
  allows: () => true,
  hold: () => undefined,
  onSlot: () => undefined,
  made: () => undefined,
  heardVote: () => undefined,
  onRound: () => undefined,
}
