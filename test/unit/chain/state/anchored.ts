/** A database as a node has it that joined at a recent block: genesis, a gap, and the block with its state. */
import { FakeClock } from '../../../../node-core/base/clock.ts'
import type { ImportedBlock } from '../../../../node-core/chain/state/types.ts'
import { putBlock, putFinalizedHash, putGap, putLeaves, putMetaHash } from '../../../../node-core/chain/state/block-store.ts'
import { Database } from '../../../../node-core/chain/state/database.ts'
import { initializeDatabase } from '../../../../node-core/chain/state/genesis.ts'
import { putState } from '../../../../node-core/chain/state/state-store.ts'
import { genesis } from './chain-blocks.ts'

/** `anchor` is finalized, and everything between genesis and it is missing. */
export async function anchorDatabase(dataPath: string, { hash, header, body, changes }: ImportedBlock): Promise<void> {
  const database = new Database(dataPath, new FakeClock(0))
  await database.open()
  await initializeDatabase(database, genesis)
  await database.write(
    (batch) => {
      putBlock(batch, hash, header, body)
      putState(batch, database, hash, header.stateRoot, changes.nodes)
      putFinalizedHash(batch, header.number, hash)
      for (const name of ['best', 'finalized'] as const) putMetaHash(batch, name, hash)
      putLeaves(batch, [hash])
      putGap(batch, header.number > 1 ? { from: 1, to: header.number - 1 } : undefined)
    },
    { sync: true },
  )
  await database.close()
}
