/** A peer that is asked for a file, as people write it. */
import { NodeError } from '../../base/errors.ts'
import { parseNetAddress, type NetAddressErrorCode } from '../routing/addresses.ts'

/** From a peer id, or an address that ends in one. Throws NET_ADDRESS_INVALID. */
export function providerOf(text: string): { peer: string; addresses: string[] } {
  const address = parseNetAddress(text)
  if (address.kind !== 'peer') throw new NodeError<NetAddressErrorCode>('NET_ADDRESS_INVALID', `"${text.slice(0, 64)}" is the address of a group.`, { hint: 'Name peers: by their peer ids, or by addresses that end in one.' })
  return { peer: address.peer, addresses: address.way === undefined ? [] : [address.way] }
}
