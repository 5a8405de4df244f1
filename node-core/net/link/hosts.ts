/**
 * Names by which programs say which peer they mean: `<peer id>.nodestead`, and `<name>.<peer id>.nodestead` for what the peer opened under a name.
 *
 * Names of hosts have no case, and browsers make them lower-case; the base58 of a peer id has one. So an id is read in two forms: as people know it, where a
 * program leaves it alone (curl does), and as a CID in base36 (libp2p spec, peer-ids; RFC 0001), which is lower-case and fits into the 63 characters of a label.
 * {@link linkHost} makes the second.
 */
import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { base36 } from 'multiformats/bases/base36'
import { CID } from 'multiformats/cid'
import { isPeerId } from '../../network/peers/address.ts'
import { isName } from '../names.ts'
import { LinkError } from './errors.ts'

const SUFFIX = '.nodestead'
/** Of a name in DNS, and in SOCKS. */
const MAX_HOST_LENGTH = 255
/** Of a label in DNS. */
const MAX_ID_LENGTH = 63

export interface LinkHost {
  readonly peer: string
  /** Undefined where the peer is meant, and the port says what of it. */
  readonly name: string | undefined
}

/** Undefined for names of others, which are of no concern here. Throws NET_LINK_INVALID where what stands before `.nodestead` is no peer. */
export function parseLinkHost(host: string): LinkHost | undefined {
  if (host.length > MAX_HOST_LENGTH) return undefined
  const text = host.endsWith('.') ? host.slice(0, -1) : host
  if (!text.toLowerCase().endsWith(SUFFIX)) return undefined
  const labels = text.slice(0, -SUFFIX.length).split('.')
  const peer = peerOf(labels.pop() ?? '')
  if (peer === undefined) throw invalid(host)
  if (labels.length === 0) return { peer, name: undefined }
  const name = labels.join('.').toLowerCase()
  if (!isName(name)) throw invalid(host)
  return { peer, name }
}

/** In lower-case, for every program. */
export function linkHost(peer: string, name?: string): string {
  const id = peerIdFromString(peer).toCID().toString(base36)
  return `${name === undefined ? '' : `${name}.`}${id}${SUFFIX}`
}

function peerOf(label: string): string | undefined {
  if (label.length > MAX_ID_LENGTH) return undefined
  if (isPeerId(label)) return label
  try {
    return peerIdFromCID(CID.parse(label.toLowerCase(), base36)).toString()
  } catch {
    return undefined
  }
}

function invalid(host: string): LinkError {
  return new LinkError('NET_LINK_INVALID', `"${host.replace(/[^\x21-\x7e]/g, '?').slice(0, 128)}" names no peer.`, { hint: `Use <peer id>${SUFFIX}; a browser needs the lower-case form of the id, which the node shows.` })
}
