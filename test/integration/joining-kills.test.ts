/** A node that joins and is killed on the way: a sample of `npm run campaign -- kills`. */
import { expect, it } from 'vitest'
import { killCampaign } from '../campaign/kills.ts'

it('goes on at its next start, wherever it was killed, and ends with the right block, root and state', async () => {
  const lines: string[] = []
  const { kills, joined } = await killCampaign({ kills: ['proofs', 'state', 'assembling', 'anchor'], seed: 3, blocks: 30, keys: 6_000, gap: false, onLine: (line) => lines.push(line) })
  // A quick machine may be past a stage before it is killed in it.
  expect(Object.values(kills).reduce((sum, count) => sum + count, 0), lines.join('\n')).toBeGreaterThanOrEqual(2)
  expect(joined.length).toBeGreaterThan(0)
}, 240_000)
