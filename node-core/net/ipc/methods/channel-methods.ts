/**
 * Channels for programs: listened for, dialled, and then named by their ids on the connection that has them. Back-pressure goes through: a program that takes no more
 * messages of a channel lets them wait in that channel's window on this node, and so holds its sender, and nobody else.
 */
import { Disposers, type Disposer } from '../../../base/disposers.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ChannelService } from '../../channels/channels.ts'
import type { Channel } from '../../channels/types.ts'
import { unlessAborted } from '../../channels/unless-aborted.ts'
import type { NetApi } from '../../net-api.ts'
import { parseNetAddress } from '../../routing/addresses.ts'
import { invalidRequest } from '../errors.ts'
import type { Program } from '../programs.ts'
import { Channels, type ChannelSchema, type ChannelStateSchema } from '../proto/nodestead/net/v1/ipc_pb.ts'
import type { Methods } from '../session/methods.ts'
import { CLASSES, PATHS } from '../words.ts'
import { Allowance, MOST_PAYLOAD_BYTES } from './allowances.ts'
import { KeptChannels } from './kept-channels.ts'
import { whileCalled } from './lasting.ts'
import { channelMetricsOf } from './metrics-methods.ts'
import { receiptOf } from './sealed-methods.ts'

const GROUP = 'group/'
/** Messages of a channel that were taken off it and wait for the program. */
const QUEUE = 16

export function registerChannelMethods(methods: Methods, api: Pick<NetApi, 'listen' | 'dial' | 'unicast'>): Disposer {
  const kept = new KeptChannels()
  const services = new Allowance('services')
  const { listen, dial, receive, send, state, metrics, end, close, reset, closed, unicast } = Channels.method
  const scopes = ['channels', 'groups'] as const
  const disposers = [
    methods.registerStream(listen, { scopes, queueItems: 1, whenSlow: 'hold' }, async ({ service, maxMessageBytes, advertise }, call, sink) => {
      const { program, signal } = call
      requireService(program, service)
      if (advertise) program.may.requireNamed('discovery', service)
      /** Those of which the program has not been told. */
      const untold = new Set<Channel>()
      const handler: ChannelService = {
        ...longest(maxMessageBytes),
        admit: () => (kept.hasRoom(call) ? undefined : 'busy'),
        onChannel(channel) {
          kept.keep(call, channel)
          untold.add(channel)
          // With a queue of one there is room when all are written.
          void sink.send({ event: { case: 'channel', value: channelOf(channel) } }).then(() => void (signal.aborted || untold.delete(channel)))
        },
      }
      const parts = new Disposers()
      parts.add(services.take(program.name))
      try {
        parts.add(api.listen(service, handler, { advertise }))
        void sink.send({ event: { case: 'ready', value: {} } })
      } catch (error) {
        parts.dispose()
        throw error
      }
      await whileCalled(signal, () => {
        parts.dispose()
        for (const channel of untold) channel.reset()
      })
    }),

    methods.register(dial, { scopes }, async ({ address, service, class: urgency, metadata, maxMessageBytes, relayed }, call) => {
      const { program, signal } = call
      requireService(program, namedBy(address) ?? service)
      const channel = await api.dial(address, {
        ...(service === '' ? {} : { service }),
        class: CLASSES.word(urgency) ?? 'normal',
        metadata,
        ...longest(maxMessageBytes),
        ...(relayed === undefined ? {} : { relayed }),
        signal,
      })
      try {
        signal.throwIfAborted()
        kept.keep(call, channel)
      } catch (error) {
        channel.reset()
        throw error
      }
      return channelOf(channel)
    }),

    methods.registerStream(receive, { scopes, queueItems: QUEUE, whenSlow: 'hold' }, async ({ channel: id }, call, sink) => {
      const channel = kept.find(call, id)
      const stop = (): void => void channel.close().catch(() => undefined)
      call.signal.addEventListener('abort', stop, { once: true })
      try {
        for await (const data of channel) await sink.send({ data })
      } finally {
        // The end of the call aborts its signal too: the program may go on sending.
        call.signal.removeEventListener('abort', stop)
      }
    }),

    methods.register(send, { scopes }, async ({ channel, data, confirm }, call) => {
      await kept.find(call, channel).send(data, { confirm })
      return {}
    }),

    methods.register(state, { scopes }, ({ channel }, call) => stateOf(kept.find(call, channel))),

    methods.register(metrics, { scopes }, ({ channel }, call) => channelMetricsOf(kept.find(call, channel).metrics)),

    methods.register(end, { scopes }, async ({ channel }, call) => {
      await kept.find(call, channel).end()
      return {}
    }),

    methods.register(close, { scopes }, async ({ channel }, call) => {
      await kept.find(call, channel).close()
      return {}
    }),

    methods.register(reset, { scopes }, ({ channel }, call) => {
      kept.find(call, channel).reset()
      return {}
    }),

    methods.register(closed, { scopes }, async ({ channel }, call) => {
      const error = await unlessAborted(kept.find(call, channel).closed, call.signal)
      if (error !== undefined) throw error
      return {}
    }),

    methods.register(unicast, { scopes: ['channels', 'groups', 'sealed'] }, async ({ address, service, data, sealed, relayed }, { program, signal }) => {
      const named = namedBy(address) ?? service
      if (sealed) program.may.requireNamed('sealed', named)
      else requireService(program, named)
      const receipt = await api.unicast(address, data, { sealed, ...(service === '' ? {} : { service }), ...(relayed === undefined ? {} : { relayed }), signal })
      return receipt === undefined ? {} : { receipt: receiptOf(receipt) }
    }),
  ]
  return () => {
    for (const dispose of disposers) dispose()
  }
}

/** The longest message of the room's own where it is zero. Throws NET_REQUEST_INVALID. */
export function longest(maxMessageBytes: number): { readonly maxMessageBytes?: number } {
  if (maxMessageBytes > MOST_PAYLOAD_BYTES) throw invalidRequest(`A program can be given messages of ${MOST_PAYLOAD_BYTES} bytes at most.`)
  return maxMessageBytes === 0 ? {} : { maxMessageBytes }
}

/** Groups have channels under names of their own; who may use a group may use those. Throws NET_SCOPE_MISSING. */
function requireService({ may }: Program, service: string): void {
  if (service.startsWith(GROUP)) may.requireNamed('groups', service.slice(GROUP.length))
  else may.requireNamed('channels', service)
}

/** The service in an address, where there is one. Throws NET_ADDRESS_INVALID. */
function namedBy(address: string): string | undefined {
  const parsed = parseNetAddress(address)
  return parsed.kind === 'peer' ? parsed.service : undefined
}

function channelOf(channel: Channel): MessageInitShape<typeof ChannelSchema> {
  return { state: stateOf(channel), metadata: channel.metadata, maxMessageBytes: channel.maxMessageBytes }
}

function stateOf({ state }: Channel): MessageInitShape<typeof ChannelStateSchema> {
  return {
    channel: state.id,
    peer: state.peer,
    service: state.service,
    class: CLASSES.number(state.class),
    inbound: state.direction === 'inbound',
    open: state.open,
    phase: state.phase,
    found: state.found,
    path: PATHS.number(state.path),
  }
}
