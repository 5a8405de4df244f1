/** The part of the composition root that watches the authorities (authorities/authority-watch.ts). */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Keystore } from '../../crypto/keys/keystore.ts'
import type { NetworkStateReader } from '../../network/types.ts'
import { AuthorityWatch, holds } from '../authorities/authority-watch.ts'
import type { CoreService } from '../core/core-service.ts'
import { AUTHORING_KEY_TYPES } from '../core/engines/table.ts'
import type { Header } from '../scale/header.ts'
import { membersOf } from '../spec/members.ts'
import { addressPrefixOf } from '../spec/properties.ts'
import type { ChainSpec } from '../spec/schema.ts'
import type { BlockStateReader, StorageReader } from '../state/types.ts'

export interface AuthoritiesDependencies {
  readonly blocks: BlockStateReader
  readonly storage: StorageReader
  readonly core: CoreService
  readonly network: Pick<NetworkStateReader, 'peers' | 'localPeerId'>
  readonly keystore: Keystore
  /** Whether this node makes blocks with its keys. */
  readonly authoring: boolean
  readonly timeOf: (header: Header) => number | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export function createAuthorityWatch({ blocks, storage, core, network, keystore, authoring, timeOf, clock, logger }: AuthoritiesDependencies, spec: ChainSpec): AuthorityWatch {
  return new AuthorityWatch(
    {
      blocks,
      storage,
      consensus: {
        events: core.events,
        get slotDurationMs() {
          return core.slotDurationMs
        },
        lookUpAuthor: (hash) => core.lookUpAuthor(hash),
        slotOf: (header) => core.slotOf(header),
        turnOf: (parent, parentHash, slot) => core.engine.turnOf(parent, parentHash, slot),
        authors: async (root) => (await core.engine.lists.find(({ keyType }) => AUTHORING_KEY_TYPES.includes(keyType))?.at(root)) ?? [],
        voters: () => core.engine.voters(),
      },
      timeOf,
      isOwn: (key) => authoring && AUTHORING_KEY_TYPES.some((keyType) => holds(keystore.publicKeys(keyType))(key)),
      peers: () => network.peers().map(({ peerId }) => peerId),
      localPeerId: () => network.localPeerId,
      clock,
      logger: logger.child('authorities'),
    },
    { members: membersOf(spec), addressPrefix: addressPrefixOf(spec.properties), isPublic: spec.chainType === 'Live' },
  )
}
