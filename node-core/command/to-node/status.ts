/** What `status` and `networks` show. */
import { InfoResponseSchema, NetworkStatusSchema, NodeState, type InfoResponse, type NetworkStatus } from '../../services/proto/nodestead/v1/node_pb.ts'
import type { Colours } from '../terminal/colours.ts'
import { durationOf } from '../terminal/progress.ts'
import { factsOf, tableOf, type Column } from '../terminal/table.ts'
import { stateWord, withNode, type Caller } from './line.ts'
import { heightText, jsonOf, positionText, timeText } from './messages.ts'

export async function showStatus(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line) => {
    const status = await line.network(values.network)
    const info = await line.info()
    const value = { program: jsonOf(InfoResponseSchema, info), status: jsonOf(NetworkStatusSchema, status) }
    terminal.result(value, factsOf(factsAbout(status, info, terminal.colours), terminal.sheet))
    return undefined
  })
}

function factsAbout(status: NetworkStatus, info: InfoResponse, colours: Colours): (readonly [string, string, string?])[] {
  const { network, name, chainName, state, failure, newest, settled, peers, catchingUp, joining, producing, startedAt, dataPath, rpcAddress, troubles } = status
  const behind = catchingUp === undefined ? '' : `${catchingUp.highest}${catchingUp.msLeft === undefined ? '' : `, ${durationOf(Number(catchingUp.msLeft) / 1000)} left`}`
  return [
    ['program', `${info.name} ${info.version} (${info.host === 'desktop' ? 'app' : info.host || 'unknown'})`],
    ['network', network],
    ['name', name],
    ['chain', chainName],
    ['state', stateWord(state), paintState(stateWord(state), status, colours)],
    ['failure', failure === undefined ? '' : `${failure.message} ${failure.hint}`.trim()],
    ['best', positionText(newest)],
    ['finalized', positionText(settled)],
    ['peers', String(peers)],
    ['highest seen', behind],
    ['joining', joining],
    ['produces blocks', producing ? 'yes' : 'no'],
    ['started', timeText(startedAt)],
    ['data', dataPath],
    ['json-rpc', rpcAddress],
    ['troubles', troubles.map(({ code }) => code).join(', '), troubles.map(({ code, severe }) => (severe ? colours.bad(code) : code)).join(', ')],
  ]
}

function paintState(text: string, { state }: NetworkStatus, colours: Colours): string {
  return state === NodeState.RUNNING ? colours.good(text) : state === NodeState.FAILED ? colours.bad(text) : text
}

const NETWORK_COLUMNS: readonly Column<NetworkStatus>[] = [
  { name: 'NETWORK', value: ({ network }) => network },
  { name: 'STATE', value: ({ state }) => stateWord(state), paint: paintState },
  { name: 'BEST', value: ({ newest }) => heightText(newest), right: true },
  { name: 'FINALIZED', value: ({ settled }) => heightText(settled), right: true },
  { name: 'PEERS', value: ({ peers }) => String(peers), right: true },
  { name: 'TROUBLES', value: ({ troubles }) => troubles.map(({ code }) => code).join(',') },
  { name: 'DATA', value: ({ dataPath }) => dataPath, shown: false },
  { name: 'NAME', value: ({ name }) => name },
]

export async function listNetworks(caller: Caller): Promise<undefined> {
  const { terminal } = caller
  return withNode(caller, async (line) => {
    const networks = await line.networks()
    if (networks.length === 0) terminal.note('No network is set up in this node.')
    terminal.result({ networks: networks.map((status) => jsonOf(NetworkStatusSchema, status)) }, networks.length === 0 ? '' : tableOf(NETWORK_COLUMNS, networks, terminal.sheet))
    return undefined
  })
}
