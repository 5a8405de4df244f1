/** What `peers` shows: those who are connected now, or who comes and goes. */
import { ListPeersResponseSchema, Peers, WatchPeersResponseSchema, type Peer } from '../../services/proto/nodestead/v1/peers_pb.ts'
import { bytesText, shortId } from '../terminal/quantities.ts'
import { lineOf, tableOf, type Column } from '../terminal/table.ts'
import { plainText } from '../terminal/plain-text.ts'
import { follow } from './follow.ts'
import { withNode, type Caller, type NodeLine } from './line.ts'
import { heightText, jsonOf, timeText } from './messages.ts'

const COLUMNS: readonly Column<Peer>[] = [
  { name: 'PEER', value: ({ peerId }) => peerId, shown: ({ peerId }) => shortId(peerId) },
  { name: 'CAME', value: ({ inbound }) => (inbound ? 'in' : 'out') },
  { name: 'SLOT', value: ({ slot }) => slot },
  { name: 'BEST', value: ({ best }) => heightText(best), right: true },
  { name: 'PING', value: ({ latencyMs }) => (latencyMs === undefined ? '' : String(Math.round(latencyMs))), shown: ({ latencyMs }) => (latencyMs === undefined ? '' : `${Math.round(latencyMs)} ms`), right: true },
  { name: 'RECEIVED', value: ({ bytesIn }) => String(bytesIn), shown: ({ bytesIn }) => bytesText(bytesIn), right: true },
  { name: 'SENT', value: ({ bytesOut }) => String(bytesOut), shown: ({ bytesOut }) => bytesText(bytesOut), right: true },
  { name: 'REPUTATION', value: ({ reputation }) => String(reputation), shown: false },
  { name: 'SINCE', value: ({ connectedSince }) => timeText(connectedSince), shown: false },
  { name: 'ROLES', value: ({ roles }) => roles, shown: false },
  { name: 'ADDRESS', value: ({ address }) => address, shown: false },
  { name: 'SOFTWARE', value: ({ agent }) => agent },
]

export async function listPeers(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const answer = await line.client(Peers).listPeers({ network }, line.options)
    if (answer.peers.length === 0) terminal.note('No peer is connected.')
    terminal.result(jsonOf(ListPeersResponseSchema, answer), answer.peers.length === 0 ? '' : tableOf(COLUMNS, answer.peers, terminal.sheet))
    return undefined
  })
}

/** A line for each that comes (`+`) or goes (`-`), first for those who are there. */
export async function watchPeers(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  const { isScreen, colours } = terminal.sheet
  let network: string | undefined
  await follow(caller, {
    open: async (line: NodeLine, { cursor, signal }) => {
      network ??= (await line.network(values.network)).network
      return line.client(Peers).watchPeers({ network, cursor }, { signal })
    },
    take: (event) => {
      const { connected, peerId, peer } = event
      const sign = connected ? '+' : '-'
      const text = isScreen
        ? `${connected ? colours.good(sign) : colours.bad(sign)} ${peerId}${peer === undefined ? '' : `  ${plainText(peer.agent)}  ${colours.dim(plainText(peer.address))}`}`
        : `${sign}\t${peer === undefined ? [peerId, ...COLUMNS.slice(1).map(() => '-')].join('\t') : lineOf(COLUMNS, peer)}`
      terminal.result(jsonOf(WatchPeersResponseSchema, event), text)
      return undefined
    },
  })
  return undefined
}
