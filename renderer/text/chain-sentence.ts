/** The sentence on top of the blocks: how high the chain is, how much of it is not final, and whether it forked. */
import { countForks, type ChainNews } from './chain-layout.ts'
import { formatHeight } from './format.ts'
import { FINALITY_LAG_LIMIT, type Sentence, type Tone } from './status-sentence.ts'
import { m } from '../i18n/language.ts'

/** `node` is how the node itself stands: a chain is never better than that. */
export function chainSentence(chain: ChainNews, node: Tone): Sentence {
  const { best, finalized, blocks } = chain
  const open = Math.max(0, best.number - finalized.number)
  const forks = countForks(chain)
  const heights = new Set(blocks.map(({ number }) => number)).size
  const text = m.chain.sentence(formatHeight(best.number), open, forks, heights)
  if (best.number === 0) return { text: m.chain.onlyGenesis, tone: 'busy' }
  return { text, tone: open > FINALITY_LAG_LIMIT ? 'attention' : finalized.number === 0 ? 'busy' : node }
}
