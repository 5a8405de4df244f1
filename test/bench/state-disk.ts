/**
 * What a pruned database takes on the disk as its chain grows: after 20,000 busy blocks against after 2,000. Runs on its own:
 * `node test/bench/state-disk.ts`.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { silentLogger } from '../../node-core/base/logger.ts'
import { StateService } from '../../node-core/chain/state/state-service.ts'
import { BusyChain } from '../helpers/busy-chain.ts'
import { genesis } from '../unit/chain/state/chain-blocks.ts'
import type { Report } from './report.ts'

const KEYS = 20_000
const EDITS = 100
const EARLY = 2_000
const LATE = 20_000
const KEPT = 256

async function sizeOf(folder: string): Promise<number> {
  let size = 0
  for (const name of await readdir(folder)) size += (await stat(join(folder, name))).size
  return size
}

const MB = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

export async function benchStateDisk(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bench-'))
  const service = new StateService({ logger: silentLogger }, { dataPath: folder, genesis, pruning: KEPT })
  await service.start()
  const chain = await BusyChain.open([service], KEYS, EDITS)
  /** The largest of some looks, because the database grows and shrinks as it tidies up. */
  const growTo = async (height: number): Promise<number> => {
    let largest = 0
    await chain.grow(height - chain.head.header.number - 500)
    for (let i = 0; i < 10; i++) {
      await chain.grow(50)
      largest = Math.max(largest, await sizeOf(join(folder, 'db')))
    }
    return largest
  }
  const early = await growTo(EARLY)
  const since = performance.now()
  const late = await growTo(LATE)
  const rate = (LATE - EARLY) / ((performance.now() - since) / 1000)
  await chain.close()
  await service.stop()
  await rm(folder, { recursive: true })
  report(`disk after ${LATE} busy blocks, pruned / after ${EARLY} (goal <= 1.2)`, late / early, `${MB(late)} against ${MB(early)}; ${rate.toFixed(0)} blocks/s of ${EDITS} edits`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await benchStateDisk((name, ratio, detail) => process.stdout.write(`${name}: ${ratio.toFixed(2)} (${detail})\n`))
}
