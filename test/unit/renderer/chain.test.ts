/** The chain as it is drawn, and the sentence above it. */
import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../node-core/base/bytes.ts'
import type { ChainBlock } from '../../../node-core/chain/explorer/types.ts'
import { formatAmount } from '../../../renderer/text/amount.ts'
import { countForks, layOut, type ChainNews } from '../../../renderer/text/chain-layout.ts'
import { chainSentence } from '../../../renderer/text/chain-sentence.ts'

/** `3b` is block 3 of branch b; its parent is named. */
function block(name: string, parent: string): ChainBlock {
  return { hash: name as Hash, parentHash: parent as Hash, number: parseInt(name), author: undefined, extrinsics: 1, time: undefined }
}

function chain(blocks: readonly ChainBlock[], best: string, finalized: string): ChainNews {
  const ref = (name: string) => ({ hash: name as Hash, number: parseInt(name) })
  return { blocks, best: ref(best), finalized: ref(finalized) }
}

const LINE = [block('0', ''), block('1', '0'), block('2', '1'), block('3', '2'), block('4', '3')]
const places = (news: ChainNews, limit = 100) => layOut(news, limit).rows.map((row) => `${row.block.hash} ${row.lane} ${row.place}`)

describe('the drawn chain', () => {
  it('has the newest on top, final ones below the others', () => {
    expect(places(chain(LINE, '4', '2'))).toEqual(['4 0 best', '3 0 best', '2 0 final', '1 0 final', '0 0 final'])
  })

  it('draws a fork in a lane of its own, from the block that it branched off', () => {
    const news = chain([...LINE, block('3b', '2'), block('4b', '3b')], '4', '2')
    expect(places(news)).toEqual(['4 0 best', '4b 1 fork', '3 0 best', '3b 1 fork', '2 0 final', '1 0 final', '0 0 final'])
    expect(layOut(news, 100).lines.find(({ key }) => key === '3b')).toMatchObject({ from: { lane: 1, row: 3 }, to: { lane: 0, row: 4 }, place: 'fork' })
    expect(layOut(news, 100).lanes).toBe(2)
  })

  it('puts forks at the same height beside each other, and those apart below each other', () => {
    expect(places(chain([...LINE, block('3b', '2'), block('3c', '2')], '4', '0')).filter((row) => /^\d[bc]/.test(row))).toEqual(['3b 1 fork', '3c 2 fork'])
    expect(layOut(chain([...LINE, block('1b', '0'), block('4b', '3')], '4', '0'), 100).lanes).toBe(2)
  })

  it('keeps a fork of a fork beside it', () => {
    expect(places(chain([...LINE, block('2b', '1'), block('3b', '2b'), block('3c', '2b')], '4', '1')).filter((row) => /^\d[bc]/.test(row)))
      .toEqual(['3b 1 fork', '3c 2 fork', '2b 1 fork'])
  })

  it('calls what lost against a final block retracted', () => {
    expect(places(chain([...LINE, block('3b', '2')], '4', '3'))).toContain('3b 1 retracted')
  })

  it('follows the best chain to another branch', () => {
    const blocks = [...LINE, block('3b', '2'), block('4b', '3b'), block('5b', '4b')]
    expect(places(chain(blocks, '5b', '2')).slice(0, 4)).toEqual(['5b 0 best', '4b 0 best', '4 1 fork', '3b 0 best'])
  })

  it('draws lines out of the picture where it ends', () => {
    const { rows, lines } = layOut(chain(LINE, '4', '2'), 3)
    expect(rows).toHaveLength(3)
    expect(lines.at(-1)).toMatchObject({ from: { row: 2 }, to: { lane: 0, row: 3 } })
    expect(layOut(chain([], '0', '0'), 10)).toEqual({ rows: [], lines: [], lanes: 1 })
  })

  it('survives a parent that is its own child', () => {
    expect(layOut(chain([block('1', '0'), block('2b', '3b'), block('3b', '2b')], '1', '0'), 10).rows).toHaveLength(3)
  })
})

describe('the sentence', () => {
  it('counts what is not final and the forks', () => {
    expect(chainSentence(chain(LINE, '4', '1'), 'well').text).toBe('Best #4, 3 blocks not finalized yet, no forks in the last 5 blocks.')
    const forked = chain([...LINE, block('3b', '2'), block('4b', '3b'), block('4c', '3b')], '4', '4')
    expect(countForks(forked)).toBe(1)
    expect(chainSentence(forked, 'well')).toEqual({ text: 'Best #4, finalized, 1 fork in the last 5 blocks.', tone: 'well' })
  })

  it('claims nothing of a chain without final blocks', () => {
    // Where nobody confirms the chain it is not well, however much of it is final.
    expect(chainSentence(chain(LINE, '4', '4'), 'busy').tone).toBe('busy')
    expect(chainSentence(chain(LINE, '4', '0'), 'well').tone).toBe('busy')
    expect(chainSentence(chain([block('0', '')], '0', '0'), 'well')).toEqual({ text: 'The chain has only its genesis block. New blocks appear here.', tone: 'busy' })
    expect(chainSentence({ ...chain(LINE, '4', '2'), best: { hash: '0x', number: 90 } }, 'well').tone).toBe('attention')
  })
})

describe('amounts', () => {
  const token = { symbol: 'UNIT', decimals: 12 }
  it.each([
    ['1500000000000', '1.5 UNIT'],
    ['1234567000000000000', '1,234,567 UNIT'],
    ['125000000', '0.000125 UNIT'],
    ['7', '7 × 10⁻¹² UNIT'],
    ['0', '0 UNIT'],
  ])('%s is %s', (smallest, text) => expect(formatAmount(smallest, token)).toBe(text))

  it('needs neither decimals nor a symbol', () => {
    expect(formatAmount('12345', { symbol: '', decimals: 0 })).toBe('12,345')
  })
})
