/** Nodes with channels on loopback, and services that tests listen to. */
import { preciseClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { Channels, CHANNELS_DEFAULTS, type ChannelsOptions, type ChannelService } from '../../node-core/net/channels/channels.ts'
import type { Channel } from '../../node-core/net/channels/types.ts'
import type { NetworkOptions } from '../../node-core/network/options.ts'
import { eventually, TestNetwork, type TestPeer } from './network.ts'

export interface ChannelNode extends TestPeer {
  readonly channels: Channels
  /** Faults that peers were charged with. */
  readonly faults: string[]
}

export class ChannelNetwork {
  readonly #network = new TestNetwork()
  readonly #channels: Channels[] = []

  async start({ channels: options, ...network }: Partial<NetworkOptions> & { readonly channels?: Partial<ChannelsOptions> } = {}): Promise<ChannelNode> {
    const peer = await this.#network.start([], network)
    const faults: string[] = []
    const channels = new Channels(
      { door: peer.network.streams, clock: preciseClock, judge: { report: (_, { code }) => void faults.push(code) }, logger: silentLogger },
      { ...CHANNELS_DEFAULTS, ...options },
    )
    channels.start()
    this.#channels.push(channels)
    return { ...peer, channels, faults }
  }

  async stop(): Promise<void> {
    for (const channels of this.#channels) channels.stop()
    await this.#network.stop()
  }
}

/** A service that keeps what came. */
export function keeping(channels: Channel[], options: Omit<ChannelService, 'onChannel'> = {}): ChannelService {
  return { ...options, onChannel: (channel) => void channels.push(channel) }
}

/** Both ends of a new channel. */
export async function channelBetween(from: ChannelNode, to: ChannelNode, options: Parameters<Channels['dial']>[2] = {}, service: Omit<ChannelService, 'onChannel'> = {}): Promise<[Channel, Channel]> {
  const taken: Channel[] = []
  const name = `test-${Math.random().toString(36).slice(2)}`
  to.channels.listen(name, keeping(taken, service))
  const channel = await from.channels.dial(to.id, name, { addresses: [to.address], ...options })
  await eventually(() => taken.length === 1, 'the channel')
  return [channel, taken[0] as Channel]
}
