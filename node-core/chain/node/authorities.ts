/** The part of the composition root that watches the authorities, and keeps the record of what this node did as one (authorities/). */
import { toHex, type Hash } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { JoinedKeystore, type MemoryKeystore } from '../../crypto/keys/keystore.ts'
import type { NetworkKeys } from '../../keystore/network-keys.ts'
import type { NetworkStateReader } from '../../network/types.ts'
import { AuthorityWatch, holds } from '../authorities/authority-watch.ts'
import { recordFile } from '../authorities/record-file.ts'
import { ValidatorRecord } from '../authorities/validator-record.ts'
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
  readonly keys: NetworkKeys
  readonly development: MemoryKeystore
  readonly sync: { isMajorSyncing(): boolean }
  /** Whether this node makes blocks with its keys. */
  readonly authoring: boolean
  readonly timeOf: (header: Header) => number | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export interface Authorities {
  readonly watch: AuthorityWatch
  readonly record: ValidatorRecord
}

export function createAuthorities({ blocks, storage, core, network, keys, development, sync, authoring, timeOf, clock, logger: parent }: AuthoritiesDependencies, spec: ChainSpec): Authorities {
  const logger = parent.child('authorities')
  const keystore = new JoinedKeystore([development, keys.keystore])
  const record = new ValidatorRecord({
    blocks,
    consensus: {
      events: core.events,
      get slotDurationMs() {
        return core.slotDurationMs
      },
      slotOf: (header) => core.slotOf(header),
      turnOf: (parentHeader, parentHash, slot) => core.engine.turnOf(parentHeader, parentHash, slot),
      drawnHere: (parentHeader, parentHash, slot) => core.engine.drawnHere(parentHeader, parentHash, slot),
    },
    keys: () => (authoring ? blockKeys(keys, development) : { own: new Set(), locked: new Set() }),
    isMajorSyncing: () => sync.isMajorSyncing(),
    store: recordFile(keys.dataPath),
    clock,
    logger,
  })
  const watch = new AuthorityWatch(
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
      logger,
    },
    { members: membersOf(spec), addressPrefix: addressPrefixOf(spec.properties), isPublic: spec.chainType === 'Live' },
  )
  return { watch, record }
}

/** Also those that are locked: they should sign. */
function blockKeys(keys: NetworkKeys, development: Pick<MemoryKeystore, 'entries'>): { readonly own: ReadonlySet<Hash>; readonly locked: ReadonlySet<Hash> } {
  const isForBlocks = ({ keyType }: { readonly keyType: string }): boolean => AUTHORING_KEY_TYPES.includes(keyType)
  const kept = keys.keystore.entries().filter(isForBlocks)
  const known = development.entries().filter(isForBlocks).map(({ publicKey }) => toHex(publicKey))
  return {
    own: new Set([...known, ...kept.map(({ publicKey }) => publicKey)]),
    locked: new Set(kept.filter(({ usable }) => !usable).map(({ publicKey }) => publicKey)),
  }
}
