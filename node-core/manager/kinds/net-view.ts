/** What is seen of a network that is open to services and programs (net/net.ts), and what a person may do there. A node of any kind may have it. */
import type { Channel, PeerMetrics } from '../../net/channels/types.ts'
import type { Clients } from '../../net/ipc/clients.ts'
import type { IpcService } from '../../net/ipc/ipc-service.ts'
import type { Programs } from '../../net/ipc/programs.ts'
import type { PrivateLink } from '../../net/link/link.ts'
import type { ResourceCatalogue } from '../../net/resources/catalogue/catalogue.ts'
import type { Resources } from '../../net/resources/resources.ts'
import type { TopicTable } from '../../net/topics/topic-table.ts'

export interface NetView {
  readonly topics: Pick<TopicTable, 'figures' | 'publish' | 'subscribe' | 'declare'>
  readonly channels: {
    /** The open ones. */
    channels(): readonly Pick<Channel, 'state' | 'metrics' | 'close' | 'reset'>[]
    peers(): readonly PeerMetrics[]
  }
  readonly resources: Pick<Resources, 'fetches' | 'fetch' | 'pause' | 'resume' | 'discard' | 'events'> & {
    readonly catalogue: Pick<ResourceCatalogue, 'list' | 'adding' | 'add' | 'remove'>
  }
  readonly link: Pick<PrivateLink, 'openings' | 'forwards' | 'socks' | 'ip' | 'open' | 'close' | 'allow' | 'forbid' | 'forward' | 'removeForward' | 'openSocks' | 'closeSocks' | 'openIp' | 'closeIp'>
  readonly programs: Pick<Programs, 'list' | 'add' | 'change' | 'revoke'>
  readonly ipc: Pick<IpcService, 'path' | 'pathOf' | 'heldBy' | 'end'> & { readonly clients: Pick<Clients, 'list'> }
}
