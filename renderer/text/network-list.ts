/** The list of networks in its order, as batches change it. */
import type { NetworksBatch } from '../../node-core/api/network/networks.ts'
import type { NetworkSummary } from '../../node-core/manager/types.ts'

/** Those known stay where they are, new ones come last. */
export function applyNetworks(list: readonly NetworkSummary[], { reset, networks, removed }: NetworksBatch): readonly NetworkSummary[] {
  const news = new Map(networks.map((network) => [network.id, network]))
  const stays = (id: string): boolean => (reset ? news.has(id) : !removed.includes(id))
  const known = list.filter(({ id }) => stays(id)).map((old) => news.get(old.id) ?? old)
  return [...known, ...networks.filter(({ id }) => !known.some((old) => old.id === id))]
}
