/**
 * What `start`, `stop` and `restart` do. In the app a network's node starts and stops, and the app stays. A node from the command line is one network and one
 * program: `stop` ends the program, as Ctrl-C in its terminal does, and returns when its process is gone, so that its data are free.
 */
import { Node, NetworkStatusSchema, type NetworkStatus } from '../../services/proto/nodestead/v1/node_pb.ts'
import { CommandError } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { isRunning, stateWord, withNode, type Caller, type NodeLine } from './line.ts'
import { jsonOf } from './messages.ts'
import { isLineBroken } from './refusals.ts'

const LOOK_EVERY_MS = 100
/** A node ends by itself before that (running-node.ts). */
const LONGEST_END_MS = 30_000

export async function startNetwork(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line) => {
    const before = await line.network(values.network, (status) => !isRunning(status))
    if (isRunning(before)) return tell(terminal, before, `${before.name} runs already.`)
    terminal.note(`Starting ${before.name}.`)
    const { status = before } = await line.client(Node).start({ network: before.network }, line.options)
    return tell(terminal, status, `${status.name} is ${stateWord(status.state)}.`)
  })
}

export async function restartNetwork(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line) => {
    const before = await line.network(values.network)
    terminal.note(`Restarting ${before.name}.`)
    const { status = before } = await line.client(Node).restart({ network: before.network }, line.options)
    return tell(terminal, status, `${status.name} is ${stateWord(status.state)}.`)
  })
}

export async function stopNetwork(caller: Caller): Promise<undefined> {
  const { terminal, values } = caller
  return withNode(caller, async (line, signal) => {
    const info = await line.info()
    const before = await line.network(values.network)
    terminal.note(`Stopping ${before.name}.`)
    if (info.host !== 'headless') {
      const { status = before } = await line.client(Node).stop({ network: before.network }, line.options)
      return tell(terminal, status, `${status.name} is ${stateWord(status.state)}.`)
    }
    await line.client(Node).shutdown({}, line.options).catch((error: unknown) => {
      // It may be gone before its answer is here.
      if (!isLineBroken(error) || signal.aborted) throw error
    })
    await untilGone(line, info.processId, terminal, signal)
    terminal.result({ network: before.network, state: 'NODE_STATE_STOPPED', ended: true }, `${before.name} is stopped, and its process has ended.`)
    return undefined
  })
}

async function untilGone(line: NodeLine, processId: number, { clock }: Terminal, signal: AbortSignal): Promise<void> {
  const isGone = line.place.socketPath === undefined ? () => line.info().then(() => false, (error: unknown) => isLineBroken(error)) : () => !isProcess(processId)
  const until = clock.now() + LONGEST_END_MS
  while (!(await isGone())) {
    if (signal.aborted) throw new CommandError('INTERRUPTED', 'Interrupted: the node was told to stop, and does.')
    if (clock.now() >= until) throw new CommandError('NODE_SILENT', `The node was told to stop, and its process ${processId} still runs.`, { hint: 'See its log; it can be ended by the system.' })
    await new Promise<void>((resolve) => clock.schedule(LOOK_EVERY_MS, resolve))
  }
}

/** One that is another user's is not the node, whose socket was ours. */
function isProcess(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}

function tell(terminal: Terminal, status: NetworkStatus, text: string): undefined {
  terminal.result(jsonOf(NetworkStatusSchema, status), text)
  return undefined
}
