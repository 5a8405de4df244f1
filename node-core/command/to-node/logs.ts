/** What `logs` shows: the newest lines of the node's log, and with `-f` those that come. */
import { LogLevel, LogLineSchema, Node, type LogLine } from '../../services/proto/nodestead/v1/node_pb.ts'
import { invalid } from '../definition/errors.ts'
import type { Colours } from '../terminal/colours.ts'
import { plainText } from '../terminal/plain-text.ts'
import type { PlaceValues } from './flags.ts'
import { follow } from './follow.ts'
import { withNode, type Caller } from './line.ts'
import { jsonOf, timeText, wordOf } from './messages.ts'

export const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const

interface LogValues extends PlaceValues {
  readonly lines?: string
  readonly level?: string
  readonly module?: string
}

const USUAL_LINES = 100
/** As many as a node keeps. */
const MOST_LINES = 2000

function requestOf({ lines, level = 'trace', module = '', network = '' }: LogValues): { readonly count: number; readonly filter: { readonly level: LogLevel; readonly module: string; readonly network: string } } {
  const count = lines === undefined ? USUAL_LINES : /^\d{1,4}$/.test(lines) ? Number(lines) : MOST_LINES + 1
  if (count > MOST_LINES) throw invalid(`--lines takes a number from 0 to ${MOST_LINES}, not "${lines}".`, 'lines')
  if (!LEVELS.some((known) => known === level)) throw invalid(`--level takes ${LEVELS.join(', ')}, not "${level}".`, 'level')
  return { count, filter: { level: LogLevel[level.toUpperCase() as keyof typeof LogLevel], module, network } }
}

export async function showLogs(caller: Caller & { readonly values: LogValues }): Promise<undefined> {
  const { terminal, values } = caller
  const { count, filter } = requestOf(values)
  return withNode(caller, async (line) => {
    const named = values.network === undefined ? '' : (await line.network(values.network)).network
    const { lines } = count === 0 ? { lines: [] } : await line.client(Node).logs({ filter: { ...filter, network: named }, count }, line.options)
    for (const one of lines) terminal.result(jsonOf(LogLineSchema, one), textOf(one, terminal.colours))
    return undefined
  })
}

export async function followLogs(caller: Caller & { readonly values: LogValues }): Promise<undefined> {
  const { terminal, values } = caller
  const { count, filter } = requestOf(values)
  let named: string | undefined
  await follow(caller, {
    open: async (line, { cursor, signal, isAgain }) => {
      named ??= values.network === undefined ? '' : (await line.network(values.network)).network
      // A node that was started again has said all that it keeps since.
      const tail = cursor !== '' ? 0 : isAgain ? MOST_LINES : count
      return line.client(Node).watchLogs({ filter: { ...filter, network: named }, tail, cursor }, { signal })
    },
    take: ({ line }) => {
      if (line !== undefined) terminal.result(jsonOf(LogLineSchema, line), textOf(line, terminal.colours))
      return undefined
    },
  })
  return undefined
}

/** As the node writes it itself. */
function textOf({ time, level, module, message, fields }: LogLine, colours: Colours): string {
  const word = wordOf(LogLevel, level).toUpperCase().padEnd(5)
  const painted = level === LogLevel.ERROR ? colours.bad(word) : level === LogLevel.WARN ? colours.accent(word) : word
  const pairs = Object.entries(fields).map(([name, value]) => ` ${plainText(name)}=${plainText(value)}`)
  return `${colours.dim(timeText(time).replace('T', ' ').replace('Z', ''))} ${painted} ${plainText(module).padEnd(8)} ${plainText(message)}${pairs.join('')}`
}
