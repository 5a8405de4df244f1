/** State services in temporary folders, cleaned up when the test ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { StateService, type StateOptions } from '../../../../node-core/chain/state/state-service.ts'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { genesis } from './chain-blocks.ts'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-state-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Not started; stopped when the test ends. */
export function makeService(dataPath: string, options: Partial<Omit<StateOptions, 'dataPath'>> = {}): StateService {
  const service = new StateService({ logger: silentLogger, clock: new FakeClock(1_700_000_000_000) }, { dataPath, genesis, ...options })
  onTestFinished(() => service.stop())
  return service
}

export async function startService(dataPath?: string): Promise<StateService> {
  const service = makeService(dataPath ?? (await temporaryFolder()))
  await service.start()
  return service
}

export async function importAll(service: StateService, blocks: readonly ImportedBlock[]): Promise<void> {
  for (const block of blocks) await service.writer.importBlock(block)
}
