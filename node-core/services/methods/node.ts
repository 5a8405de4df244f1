/** `nodestead.v1.Node`: the program and its networks. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceImpl } from '@connectrpc/connect'
import type { LogLevel as Level, LogRecord } from '../../base/logger.ts'
import { NodeError } from '../../base/errors.ts'
import { fieldText } from '../../base/log-fields.ts'
import { clientOf, endOf, networkOf, timeOf, type ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'
import { LogLevel, type LogFilter, type LogLineSchema, type Node, type NetworkStatusSchema } from '../proto/nodestead/v1/node_pb.ts'
import { scopeNumber } from '../rights/scope-numbers.ts'
import { follow } from '../streams/feed.ts'
import { networkStatus } from './network-status.ts'
import { settingsFrom, settingsMessage } from './settings.ts'

const LEVELS: Readonly<Record<Level, LogLevel>> = { trace: LogLevel.TRACE, debug: LogLevel.DEBUG, info: LogLevel.INFO, warn: LogLevel.WARN, error: LogLevel.ERROR }
const USUAL_LINES = 100

export function nodeMethods(ctx: ServiceContext): ServiceImpl<typeof Node> {
  const { manager, program, feeds } = ctx
  const status = (id: string): MessageInitShape<typeof NetworkStatusSchema> => networkStatus(manager, networkOf(ctx, { network: id }))
  const act = (what: 'start' | 'stop' | 'restart') => async (request: { readonly network: string }) => {
    const { id } = networkOf(ctx, request)
    await manager[what](id)
    return { status: status(id) }
  }
  return {
    info: (_, context) => {
      const { name, scopes } = clientOf(context)
      return { name: program.name, version: program.version, platform: program.platform, host: program.host, processId: process.pid, client: name, scopes: scopes.map(scopeNumber) }
    },
    networks: () => ({ networks: manager.networks().map((network) => networkStatus(manager, network)) }),
    status: (request) => ({ status: status(networkOf(ctx, request).id) }),
    async *watchStatus({ cursor }, context) {
      const feed = feeds.status()
      const place = cursor === '' ? feed.next : feed.placeOf(cursor)
      if (cursor === '') for (const network of manager.networks()) yield { cursor: feed.cursorOf(place), event: { case: 'status', value: networkStatus(manager, network) } }
      for await (const { cursor: next, event } of follow(feed, place, endOf(context))) {
        const found = event.kind === 'status' ? manager.networks().find(({ id }) => id === event.network) : undefined
        if (found !== undefined) yield { cursor: next, event: { case: 'status', value: networkStatus(manager, found) } }
        else yield { cursor: next, event: { case: 'removed', value: event.network } }
      }
    },
    start: act('start'),
    stop: act('stop'),
    restart: act('restart'),
    shutdown: () => {
      if (ctx.shutdown === undefined) throw new ServiceError('SERVICE_NO_SHUTDOWN', 'This program is ended by the person who uses it.', { hint: 'Quit the app in its window, or stop its networks one by one.' })
      ctx.shutdown()
      return {}
    },
    settings: (request) => {
      const { id } = networkOf(ctx, request)
      const details = ctx.networks?.details(id)
      return { ...(details === undefined ? {} : { settings: settingsMessage(details.profile.settings) }), flags: { ...ctx.flags }, pendingRestart: [...(details?.pendingRestart ?? [])] }
    },
    updateSettings: (request) => {
      const { id } = networkOf(ctx, request)
      if (ctx.networks === undefined) throw new NodeError('NETWORKS_FIXED', 'This node was started from the command line with one network.', { hint: 'Start it with other flags.' })
      return { pendingRestart: [...ctx.networks.update(id, settingsFrom(request.settings)).pendingRestart] }
    },
    logs: ({ filter, count }) => {
      const wanted = count === 0 ? USUAL_LINES : count
      return { lines: manager.recentLogs(Infinity).filter((record) => fits(record, filter)).slice(-wanted).map(logLine) }
    },
    async *watchLogs({ filter, tail, cursor }, context) {
      if (cursor !== '' && tail !== 0) throw new ServiceError('SERVICE_BAD_REQUEST', 'A stream is taken up again by its cursor, or begins with lines of before, not both.', { hint: 'Leave one of them out.' })
      const feed = feeds.logs()
      const place = cursor === '' ? feed.next : feed.placeOf(cursor)
      const before = tail === 0 ? [] : manager.recentLogs(Infinity).filter((record) => fits(record, filter)).slice(-tail)
      for (const record of before) yield { cursor: feed.cursorOf(place), line: logLine(record) }
      for await (const { cursor: next, event } of follow(feed, place, endOf(context))) {
        if (fits(event, filter)) yield { cursor: next, line: logLine(event) }
      }
    },
  }
}

function fits({ level, module, network }: LogRecord, filter: LogFilter | undefined): boolean {
  if (filter === undefined) return true
  if (filter.network !== '' && filter.network !== network) return false
  if (filter.module !== '' && module !== filter.module && !module.startsWith(`${filter.module}.`)) return false
  return LEVELS[level] >= filter.level
}

function logLine({ time, level, module, message, fields, network }: LogRecord): MessageInitShape<typeof LogLineSchema> {
  return {
    time: timeOf(time), level: LEVELS[level], module, message, network: network ?? '',
    fields: Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, fieldText(value)])),
  }
}
