/** What programs of this computer ask of the rooms: the request of every method of ipc.proto. The first byte says of which, so that one target has them all. */
import { create, toBinary, type DescMethod, type Message } from '@bufbuild/protobuf'
import { concatBytes } from '../../node-core/base/bytes.ts'
import * as protocol from '../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { decode } from '../../node-core/net/ipc/session/frames.ts'
import { filled } from './filled-message.ts'
import type { Target } from './fuzz.ts'

const METHODS: readonly DescMethod[] = [protocol.Node, protocol.Topics, protocol.Channels, protocol.Groups, protocol.Sealed, protocol.Resources, protocol.Discovery].flatMap(({ methods }) => methods)

interface Asked {
  readonly place: number
  readonly request: Message
}

export function ipcMethodTargets(): Target[] {
  const encode = ({ place, request }: Asked): Uint8Array => concatBytes(Uint8Array.of(place), toBinary(METHODS[place % METHODS.length]!.input, request))
  return [
    {
      name: 'ipc requests of rooms',
      corpus: METHODS.flatMap(({ input }, place) => [encode({ place, request: create(input) }), encode({ place, request: create(input, filled(input)) })]),
      decode(bytes): Asked {
        const place = bytes[0] ?? 0
        return { place, request: decode(METHODS[place % METHODS.length]!.input, bytes.subarray(1)) }
      },
      codes: ['NET_'],
      encode,
    },
  ]
}
