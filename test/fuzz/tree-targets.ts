/** What arrives on a topic whose messages are spread by the tree. */
import { toHex } from '../../node-core/base/bytes.ts'
import { decodeTreeFrame, encodeTreeFrame } from '../../node-core/network/spread/tree/frames.ts'
import { decodeTreeMessage, encodeTreeMessage } from '../../node-core/network/spread/tree/message.ts'
import type { Target } from './fuzz.ts'
import { Random } from './random.ts'

const MAX_MESSAGE = 2_000

export function treeTargets(): Target[] {
  const random = new Random(9)
  const ids = [1, 2, 3].map(() => toHex(random.bytes(32)))
  const message = random.bytes(300)
  return [
    {
      name: 'tree frame',
      corpus: [
        encodeTreeFrame({ kind: 'copy', height: 5, message }),
        encodeTreeFrame({ kind: 'offer', offers: ids.map((id, rank) => ({ id, length: message.length, height: 90 + rank, rank })) }),
        encodeTreeFrame({ kind: 'pull', ids }),
        encodeTreeFrame({ kind: 'gone', ids: ids.slice(1) }),
        encodeTreeFrame({ kind: 'have', ids: ids.slice(2) }),
      ],
      decode: (input) => decodeTreeFrame(input, MAX_MESSAGE),
      codes: ['TREE_'],
      encode: encodeTreeFrame,
      canonical: true,
    },
    { name: 'tree message', corpus: [message, message.subarray(0, 104)], decode: decodeTreeMessage, codes: ['TREE_'], encode: encodeTreeMessage, canonical: true },
  ]
}
