/** Blocks that are exported and imported by commands that are killed on the way: a sample of `npm run campaign -- blocks`. */
import { expect, it } from 'vitest'
import { blocksCampaign } from '../campaign/blocks.ts'

it('exports to the same bytes and imports to the same head and state, wherever it was killed', async () => {
  const lines: string[] = []
  const { kills, blocks } = await blocksCampaign({ blocks: 200, kills: 3, seed: 5, binary: false, onLine: (line) => lines.push(line) })
  expect(blocks).toBe(200)
  expect(kills.export + kills.import, lines.join('\n')).toBeGreaterThanOrEqual(2)
}, 240_000)
