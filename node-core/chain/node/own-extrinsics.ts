/** The part of the composition root that makes and sends this node's own extrinsics: upgrades of the chain's runtime, transfers, and changes of its authorities. */
import type { Logger } from '../../base/logger.ts'
import { DEV_ACCOUNTS, type DevAccountName } from '../../crypto/keys/dev-accounts.ts'
import { JoinedKeystore } from '../../crypto/keys/keystore.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import { AccountsService } from '../extrinsics/accounts/accounts-service.ts'
import { AuthorityChanges } from '../extrinsics/authorities/authority-changes.ts'
import type { TransactionPool } from '../core/types.ts'
import { Names } from '../explorer/names.ts'
import type { SenderRuntime } from '../extrinsics/chain.ts'
import { Runtimes } from '../extrinsics/runtimes.ts'
import { ExtrinsicSender } from '../extrinsics/sender.ts'
import { developmentAccountKeys } from '../extrinsics/signers.ts'
import { metadataAtVersion } from '../runtime/api/metadata.ts'
import { nextNonce, type NextNonceDependencies } from '../runtime/api/next-nonce.ts'
import type { RuntimeExecutor } from '../runtime/types.ts'
import { membersOf } from '../spec/members.ts'
import { addressPrefixOf, tokenOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'
import type { CarriedRuntime } from '../upgrades/carried.ts'
import { UpgradeService } from '../upgrades/upgrade-service.ts'

export interface OwnExtrinsicsDependencies {
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly runtime: Pick<RuntimeExecutor, 'call' | 'version'>
  readonly pool: TransactionPool
  readonly keys: NetworkKeys
  readonly sync: { isMajorSyncing(): boolean }
  readonly slotDuration: () => number
  readonly logger: Logger
}

export interface OwnExtrinsicsOptions {
  readonly spec: ChainSpec
  /** The development account that this node was given, in small letters. */
  readonly account: string | undefined
  readonly carried: CarriedRuntime | undefined
}

export interface OwnExtrinsics {
  readonly upgrades: UpgradeService
  readonly accounts: AccountsService
  readonly authorityChanges: AuthorityChanges
}

/** The runtime of the best block, as transactions are made for it. */
export function senderRuntime({ blocks, runtime, pool }: NextNonceDependencies & Pick<OwnExtrinsicsDependencies, 'runtime'>): SenderRuntime {
  return {
    version: (stateRoot) => runtime.version(stateRoot),
    metadata: (stateRoot, versions) => metadataAtVersion(runtime, stateRoot, versions),
    nextNonce: (accountId) => nextNonce({ blocks, runtime, pool }, accountId),
  }
}

export function createOwnExtrinsics(dependencies: OwnExtrinsicsDependencies, { spec, account, carried }: OwnExtrinsicsOptions): OwnExtrinsics {
  const { keys, logger, runtime } = dependencies
  const given: DevAccountName[] = DEV_ACCOUNTS.filter((name) => name.toLowerCase() === account)
  // One for all: two calls of an account never get the same nonce.
  const sending = senderRuntime(dependencies)
  const sender = new ExtrinsicSender({ ...dependencies, runtime: sending, logger: logger.child('extrinsics') })
  const properties = spec.properties ?? {}
  const naming = { addressPrefix: addressPrefixOf(properties), isPublic: spec.chainType === 'Live' }
  const names = new Names(naming)
  const own = { signing: new JoinedKeystore([developmentAccountKeys(given), keys.keystore]), entries: () => keys.keystore.entries() }
  const upgrades = new UpgradeService(
    {
      ...dependencies,
      runtime: {
        version: (stateRoot) => runtime.version(stateRoot, { lane: 'import' }),
        metadata: (stateRoot, version) => metadataAtVersion(runtime, stateRoot, [version]),
      },
      sender,
      root: { ...own, properties },
      accountOf: (publicKey) => names.account(publicKey),
      logger: logger.child('upgrade'),
    },
    { carried },
  )
  const accounts = new AccountsService({ ...dependencies, runtimes: new Runtimes(sending), sender, keystore: keys.keystore, logger: logger.child('accounts') }, { ...naming, token: tokenOf(properties) })
  const authorityChanges = new AuthorityChanges(
    { ...dependencies, ...own, sender, logger: logger.child('authorities') },
    { members: membersOf(spec), addressPrefix: naming.addressPrefix, decimals: tokenOf(properties).decimals },
  )
  return { upgrades, accounts, authorityChanges }
}
