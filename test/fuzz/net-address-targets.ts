/** Addresses of peers, services and groups, as programs and people write them. */
import { fromUtf8, utf8 } from '../../node-core/base/bytes.ts'
import { parseNetAddress } from '../../node-core/net/routing/addresses.ts'
import { formatNetAddress } from '../helpers/net-address.ts'
import type { Target } from './fuzz.ts'

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const TEXTS = [
  PEER,
  `/p2p/${PEER}`,
  `/nodestead/chat/p2p/${PEER}`,
  '/nodestead/group/friends',
  `/ip4/192.0.2.1/tcp/30333/nodestead/chat/p2p/${PEER}`,
  `/ip6/2001:db8::1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`,
]

export function netAddressTargets(): Target[] {
  return [
    {
      name: 'net address',
      corpus: TEXTS.map(utf8),
      decode: (input) => parseNetAddress(fromUtf8(input)),
      codes: ['NET_ADDRESS_'],
      encode: (address: ReturnType<typeof parseNetAddress>) => utf8(formatNetAddress(address)),
    },
  ]
}
