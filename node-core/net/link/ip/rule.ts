/** What the user said of the IP link: the device, and which peer has which addresses in it. Pure. */
import { isPeerId } from '../../../network/peers/address.ts'
import { LinkError } from '../errors.ts'
import { isComputerAddress } from '../addresses.ts'
import { addressKey } from './packets.ts'

export const MAX_IP_PEERS = 64
export const MAX_IP_ADDRESSES = 16

export interface IpPeer {
  readonly peer: string
  /** IPv4 or IPv6, 1 to 16: what is sent to these goes to the peer, and the peer speaks for no others. */
  readonly addresses: readonly string[]
  /** Over a relay too, which sees how much is said and when. */
  readonly relayed: boolean
}

export interface IpRule {
  /** Of the TUN device. */
  readonly device: string
  /** 1 to 64. */
  readonly peers: readonly IpPeer[]
}

/** Throws NET_LINK_INVALID. */
export function checkIpRule({ device, peers }: IpRule): void {
  if (!/^(?!\.{1,2}$)[\w.-]{1,15}$/.test(device)) throw invalid(`"${device.slice(0, 32)}" is no name of a device`, 'It has 1 to 15 letters, digits, ".", "_" or "-".')
  if (peers.length === 0 || peers.length > MAX_IP_PEERS) throw invalid(`${peers.length} peers are named`, `Name 1 to ${MAX_IP_PEERS} peers.`)
  const owners = new Map<string, string>()
  for (const { peer, addresses } of peers) {
    if (peer.length > 128 || !isPeerId(peer)) throw invalid(`"${peer.slice(0, 64)}" is not a peer id`, 'It is what stands behind /p2p/ in the address of a peer.')
    if (peers.filter((one) => one.peer === peer).length > 1) throw invalid(`the peer ${peer} is named twice`, 'Give it all its addresses in one place.')
    if (addresses.length === 0 || addresses.length > MAX_IP_ADDRESSES) throw invalid(`the peer ${peer} has ${addresses.length} addresses`, `Give it 1 to ${MAX_IP_ADDRESSES}.`)
    for (const address of addresses) {
      const key = address.length > 64 ? undefined : addressKey(address)
      if (key === undefined || !isComputerAddress(address)) throw invalid(`"${address.slice(0, 64)}" is not the IP address of a computer`, 'Use an address of the net that the device is in, such as 10.77.0.2.')
      if (owners.has(key)) throw invalid(`${address} is given twice`, 'Each address belongs to one peer.')
      owners.set(key, peer)
    }
  }
}

function invalid(why: string, hint: string): LinkError {
  return new LinkError('NET_LINK_INVALID', `The IP link cannot be as it was given: ${why}.`, { hint })
}
