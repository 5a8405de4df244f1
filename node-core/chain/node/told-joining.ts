/** How joining goes, as programs that ask over JSON-RPC are told. */
import type { JoiningStatus } from '../joining/types.ts'
import type { RpcJoining } from '../rpc/types.ts'

export function toldJoining({ stage, hold, peers, proofs, target, state }: JoiningStatus): RpcJoining {
  const highest = proofs?.highest ?? target?.number ?? 0
  const told = (how: string, figures: Readonly<Record<string, number>> = {}): RpcJoining => ({ stage, highest, how: `${how}${hold === undefined ? '' : ` (${WHY[hold]})`}`, figures: { peers, ...figures } })
  switch (stage) {
    case 'peers':
      return told('it looks for peers to join through')
    case 'proofs':
      if (proofs === undefined) return told('it follows proofs of finality')
      return told(`it follows proofs of finality, at block ${proofs.block.number} of about ${proofs.highest}`, { block: proofs.block.number, highest: proofs.highest })
    case 'state': {
      const percent = Math.floor((state?.share ?? 0) * 100)
      return told(`it downloads the state of block ${target?.number ?? 'the newest proven one'}, about ${percent}% of which is here`, { ...(target === undefined ? {} : { block: target.number }), percent })
    }
    case 'anchor':
      return told('the state is here, and the chain is about to stand on it')
  }
}

const WHY = { 'no-peers': 'no peer is connected', 'nobody-serves-proofs': 'no peer serves proofs', 'nobody-serves-state': 'no peer serves this state' } as const
