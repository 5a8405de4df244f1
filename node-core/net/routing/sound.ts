/** Addresses that others said, as far as they can be used. */
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdIn } from '../../network/peers/address.ts'

const MAX_LENGTH = 512

/** Those that are multiaddresses of the peer, `/p2p/<peer>` at the end, each once, at most `limit`. */
export function sound(peer: string, addresses: Iterable<string>, limit: number): readonly string[] {
  const found = new Set<string>()
  for (const text of addresses) {
    if (found.size >= limit) break
    const address = text.length > MAX_LENGTH ? undefined : withPeer(peer, text)
    if (address !== undefined) found.add(address)
  }
  return [...found]
}

function withPeer(peer: string, text: string): string | undefined {
  try {
    const address = multiaddr(text)
    const last = address.getComponents().at(-1)
    if (last === undefined) return undefined
    // A relay's id stands within; at the end there is the peer's own, or none.
    if (last.name !== 'p2p') return `${address.toString()}/p2p/${peer}`
    return peerIdIn(address) === peer && address.getComponents().length > 1 ? address.toString() : undefined
  } catch {
    return undefined
  }
}
