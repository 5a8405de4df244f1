/** Joining that is given up: the chain is synced from genesis after all, or by another way. */
import type { Logger } from '../../base/logger.ts'
import type { JoinStore } from './types.ts'
import { WarpRecord } from './warp-record.ts'

/** Takes back whatever earlier starts wrote on the way to an anchor; nothing where there is nothing. */
export async function forgetJoining(store: JoinStore, logger: Logger): Promise<void> {
  const record = new WarpRecord(store)
  const isBegun = record.load() !== undefined
  const target = record.target()
  if (!isBegun && target === undefined && !(await store.hasPieces())) return
  logger.info('what was fetched to join the chain is removed', { steps: record.count, target: target?.number })
  const steps = Array.from(record.steps(), ({ hash, number }) => ({ hash, number }))
  await store.abandon({ steps, aux: record.leftovers() })
}
