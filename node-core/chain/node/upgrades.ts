/** The part of the composition root that makes and sends this node's own extrinsics, and with them upgrades the chain's runtime. */
import type { Logger } from '../../base/logger.ts'
import { DEV_ACCOUNTS, type DevAccountName } from '../../crypto/keys/dev-accounts.ts'
import { JoinedKeystore } from '../../crypto/keys/keystore.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { TransactionPool } from '../core/types.ts'
import { Names } from '../explorer/names.ts'
import { ExtrinsicSender } from '../extrinsics/sender.ts'
import { developmentAccountKeys } from '../extrinsics/signers.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import { addressPrefixOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'
import type { CarriedRuntime } from '../upgrades/carried.ts'
import { UpgradeService } from '../upgrades/upgrade-service.ts'

export interface UpgradesDependencies {
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly runtime: Pick<RuntimeExecutor, 'call' | 'version'>
  readonly pool: TransactionPool
  readonly keys: NetworkKeys
  readonly sync: { isMajorSyncing(): boolean }
  readonly slotDuration: () => number
  readonly logger: Logger
}

export interface UpgradesOptions {
  readonly spec: ChainSpec
  /** The development account that this node was given, in small letters. */
  readonly account: string | undefined
  readonly carried: CarriedRuntime | undefined
}

export function createUpgrades(dependencies: UpgradesDependencies, { spec, account, carried }: UpgradesOptions): UpgradeService {
  const { keys, logger } = dependencies
  const given: DevAccountName[] = DEV_ACCOUNTS.filter((name) => name.toLowerCase() === account)
  const sender = new ExtrinsicSender({ ...dependencies, logger: logger.child('extrinsics') })
  const names = new Names({ addressPrefix: addressPrefixOf(spec.properties), isPublic: spec.chainType === 'Live' })
  return new UpgradeService(
    {
      ...dependencies,
      sender,
      root: {
        signing: new JoinedKeystore([developmentAccountKeys(given), keys.keystore]),
        entries: () => keys.keystore.entries(),
        properties: spec.properties ?? {},
      },
      accountOf: (publicKey) => names.account(publicKey),
      logger: logger.child('upgrade'),
    },
    { carried },
  )
}
