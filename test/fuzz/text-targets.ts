/** What arrives as text: peers' addresses, the file of bans, calls over JSON-RPC and the accounts in them. */
import { z } from 'zod'
import { fromUtf8, utf8 } from '../../node-core/base/bytes.ts'
import { NodeError } from '../../node-core/base/errors.ts'
import { decodeSs58, encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { ipOf, isLoopback, parsePeerAddress, subnetOf } from '../../node-core/network/peers/address.ts'
import { parseBans } from '../../node-core/network/peers/ban-file.ts'
import { RpcError } from '../../node-core/chain/rpc/errors.ts'
import { readMessage } from '../../node-core/json-rpc/message.ts'
import { blockNumber, functionName, hash, hexBytes, optional, parseParams, u32 } from '../../node-core/chain/rpc/params.ts'
import type { Target } from './fuzz.ts'

const MAX_BATCH = 50
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
const PARAMS = z.object({ at: optional(hash), number: optional(blockNumber), data: optional(hexBytes), count: optional(u32), name: optional(functionName) })

export function textTargets(): Target[] {
  return [
    {
      name: 'peer address',
      corpus: texts([
        `/ip4/192.0.2.1/tcp/30333/p2p/${PEER}`,
        `/ip6/2001:db8::1/tcp/30334/ws/p2p/${PEER}`,
        `/dns4/example.org/tcp/443/wss/p2p/${PEER}`,
        `/ip6/::ffff:192.0.2.1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`,
      ]),
      decode(input) {
        const { peerId, address } = parsePeerAddress('bootnodes', fromUtf8(input))
        const ip = ipOf(address)
        return [peerId, address.toString(), ip === undefined ? undefined : [subnetOf(ip), isLoopback(ip)]]
      },
      codes: ['NETWORK_ADDRESS_INVALID'],
    },
    {
      name: 'ban file',
      corpus: texts([JSON.stringify([{ peerId: PEER, until: 1_700_000_000_000, reason: 'bad-frame', times: 2 }]), '[]']),
      decode: (input) => parseBans(fromUtf8(input)),
      codes: ['BAN_FILE_INVALID'],
    },
    {
      name: 'json-rpc',
      corpus: texts([
        '{"jsonrpc":"2.0","id":1,"method":"chain_getBlock","params":[null,12,"0x1234",7,"Core_version"]}',
        `{"jsonrpc":"2.0","id":"a","method":"state_call","params":{"at":"0x${'ab'.repeat(32)}","number":"0xff"}}`,
        '[{"jsonrpc":"2.0","id":1,"method":"system_health"},{"jsonrpc":"2.0","method":"system_name","params":[]}]',
      ]),
      decode(input) {
        const message = readMessage(fromUtf8(input), MAX_BATCH)
        const entries = message.kind === 'single' ? [message.entry] : message.entries
        return entries.map((entry) => (entry.kind === 'request' ? params(entry.request.params) : entry.refusal.error.message))
      },
      codes: ['RPC_REFUSED'],
    },
    {
      name: 'account',
      corpus: texts([encodeSs58(new Uint8Array(32).fill(7)), encodeSs58(new Uint8Array(32).fill(9), 16_000)]),
      decode: (input) => decodeSs58(fromUtf8(input)),
      codes: ['SS58_'],
      encode: ({ publicKey, prefix }: ReturnType<typeof decodeSs58>) => utf8(encodeSs58(publicKey, prefix)),
    },
  ]
}

/** An RpcError has a number for a code. */
function params(given: unknown): unknown {
  try {
    return parseParams(PARAMS, given)
  } catch (error) {
    if (error instanceof RpcError) throw new NodeError('RPC_REFUSED', error.message)
    throw error
  }
}

function texts(list: readonly string[]): Uint8Array[] {
  return list.map(utf8)
}
