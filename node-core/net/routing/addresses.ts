/**
 * Addresses without a network part: who is meant, and not where. Routers find the way (finder.ts).
 *
 *   /p2p/<peer id>                            a peer; also its peer id alone
 *   /nodestead/<service>/p2p/<peer id>        a service of it
 *   /nodestead/group/<name>                   a group: its members are known to whoever keeps it
 *   /ip4/192.0.2.1/tcp/30333/p2p/<peer id>    with a way that is tried first, and `/nodestead/<service>` in front of `/p2p/` for a service
 *
 * They are multiaddrs: `nodestead` is registered with the library, under a code of the range that is for private use. The library reads one name behind a
 * protocol, so a group has a protocol of its own there, `nodestead-group`; people see `/nodestead/group`. No service is called `group`.
 */
import { CODE_P2P, multiaddr, registry, V, type Component } from '@multiformats/multiaddr'
import { NodeError } from '../../base/errors.ts'
import { isPeerId } from '../../network/peers/address.ts'
import { isName, MAX_NAME_LENGTH } from '../names.ts'

export type NetAddressErrorCode = 'NET_ADDRESS_INVALID'

export interface PeerAddress {
  readonly kind: 'peer'
  readonly peer: string
  /** Undefined for the peer itself. */
  readonly service: string | undefined
  /** Multiaddress of a way to it, `/p2p/<peer id>` at its end; undefined where none is said. */
  readonly way: string | undefined
}

export interface GroupAddress {
  readonly kind: 'group'
  readonly group: string
}

export type NetAddress = PeerAddress | GroupAddress

/** Private use of the multicodec table is 0x300000 to 0x3fffff. */
const CODE_SERVICE = 0x30_0a11
const CODE_GROUP = 0x30_0a12
const GROUP = 'group'
const GROUP_TEXT = /^\/nodestead\/group\/([^/]+)\/?$/
const MAX_LENGTH = 1024
const VISIBLE_ASCII = /^[\x21-\x7e]+$/

for (const [code, name] of [[CODE_SERVICE, 'nodestead'], [CODE_GROUP, 'nodestead-group']] as const) {
  registry.addProtocol({
    code,
    name,
    size: V,
    validate(value) {
      if (!isName(value) || (code === CODE_SERVICE && value === GROUP)) throw new Error(`"${value.slice(0, MAX_NAME_LENGTH)}" is not a name`)
    },
  })
}

/** Throws a NodeError NET_ADDRESS_INVALID. */
export function parseNetAddress(text: string): NetAddress {
  if (text.length > MAX_LENGTH || !VISIBLE_ASCII.test(text)) throw invalid(text, 'it is too long, or has characters that no address has')
  if (!text.startsWith('/')) {
    if (!isPeerId(text)) throw invalid(text, 'it is no peer id')
    return { kind: 'peer', peer: text, service: undefined, way: undefined }
  }
  const group = GROUP_TEXT.exec(text)?.[1]
  return fromComponents(componentsOf(group === undefined ? text : `/nodestead-group/${group}`, text), text)
}

function componentsOf(given: string, text: string): Component[] {
  try {
    return multiaddr(given).getComponents()
  } catch (cause) {
    throw invalid(text, (cause as Error).message, cause)
  }
}

function fromComponents(components: readonly Component[], text: string): NetAddress {
  const [first, last] = [components[0], components.at(-1)]
  if (first?.code === CODE_GROUP && components.length === 1 && first.value !== undefined) return { kind: 'group', group: first.value }
  const services = components.filter(({ code }) => code === CODE_SERVICE)
  const service = components.at(-2)?.code === CODE_SERVICE ? components.at(-2)?.value : undefined
  if (last?.code !== CODE_P2P || last.value === undefined) throw invalid(text, 'it does not end with the id of a peer')
  if (components.some(({ code, value }) => code === CODE_P2P && !isPeerId(value ?? ''))) throw invalid(text, 'what stands behind /p2p/ is no peer id')
  // The name of a service stands right in front of its peer, once; a group stands alone.
  if (components.some(({ code }) => code === CODE_GROUP) || services.length !== (service === undefined ? 0 : 1)) throw invalid(text, 'a service stands in front of /p2p/, and a group alone')
  const way = components.filter(({ code }) => code !== CODE_SERVICE)
  return { kind: 'peer', peer: last.value, service, way: way.length === 1 ? undefined : multiaddr([...way]).toString() }
}

function invalid(text: string, why: string, cause?: unknown): NodeError<NetAddressErrorCode> {
  return new NodeError<NetAddressErrorCode>('NET_ADDRESS_INVALID', `"${text.slice(0, 128)}" is not an address: ${why}.`, {
    cause,
    hint: 'Use a peer id, /p2p/<peer id>, /nodestead/<service>/p2p/<peer id>, or /nodestead/group/<name>.',
  })
}
