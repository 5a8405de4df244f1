/** Words of the rooms as numbers of ipc.proto, and back. Zero is what the room takes where nothing is said; a number that is none says nothing either. Pure. */
import type { Way } from '../../network/spread/spread.ts'
import type { Path } from '../../network/streams.ts'
import type { ChannelClass, Count } from '../channels/types.ts'
import type { WhenFull } from '../channels/multicast.ts'
import { ConnectionPath, MessageClass, Topology, Way as WayNumber, WhenFull as WhenFullNumber } from './proto/nodestead/net/v1/ipc_pb.ts'

class Words<Word extends string, Numbered extends number> {
  readonly #numbers: Readonly<Record<Word, Numbered>>
  readonly #words: ReadonlyMap<number, Word>

  constructor(numbers: Readonly<Record<Word, Numbered>>) {
    this.#numbers = numbers
    this.#words = new Map(Object.entries<Numbered>(numbers).map(([word, number]) => [number, word as Word]))
  }

  /** Zero for no word. */
  number(word: Word | undefined): Numbered {
    return word === undefined ? (0 as Numbered) : this.#numbers[word]
  }

  word(number: Numbered): Word | undefined {
    return this.#words.get(number)
  }
}

export const PATHS = new Words<Path, ConnectionPath>({ direct: ConnectionPath.DIRECT, relayed: ConnectionPath.RELAYED })
export const CLASSES = new Words<ChannelClass, MessageClass>({ control: MessageClass.CONTROL, normal: MessageClass.NORMAL, bulk: MessageClass.BULK })
export const WAYS = new Words<Way, WayNumber>({ direct: WayNumber.DIRECT, chunks: WayNumber.CHUNKS, tree: WayNumber.TREE, gossip: WayNumber.GOSSIP })
export const TOPOLOGIES = new Words<'open' | 'mesh', Topology>({ open: Topology.OPEN, mesh: Topology.MESH })
export const FULL_RULES = new Words<WhenFull, WhenFullNumber>({ 'drop-oldest': WhenFullNumber.DROP_OLDEST, 'drop-newest': WhenFullNumber.DROP_NEWEST, hold: WhenFullNumber.HOLD })

export function countOf({ messages, bytes }: Count): { readonly messages: bigint; readonly bytes: bigint } {
  return { messages: BigInt(messages), bytes: BigInt(bytes) }
}
