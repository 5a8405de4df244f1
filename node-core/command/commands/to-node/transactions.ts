/** Commands about transactions: `tx submit`, `tx watch`, `tx parse`, `tx fee`. */
import { defineCommand } from '../../definition/command.ts'
import { TO_NODE_FLAGS } from '../../to-node/flags.ts'

const TRANSACTION = { name: 'hex', optional: true, help: 'the signed transaction; without it, standard input' } as const

export const txSubmit = defineCommand({
  name: 'tx submit',
  summary: 'hand in a signed transaction',
  part: 'running',
  description: 'Says its hash once it is in the pool. With --watch it ends with 0 only when the transaction is in a final block, and was carried out.',
  words: [TRANSACTION],
  flags: { watch: { type: 'boolean', group: 'command', help: 'tell what becomes of it, until it is final' }, ...TO_NODE_FLAGS },
  examples: [['tx submit --watch < signed.hex', 'From a file, and on to finality.']],
  run: async (call) => (await import('../../to-node/transactions.ts')).submitTransaction(call, call.words[0]),
})

export const txWatch = defineCommand({
  name: 'tx watch',
  summary: 'tell what becomes of a transaction',
  part: 'running',
  description: 'Of one that was handed in by tx submit, or by a program, since the node was started. Ends with 0 only when it is in a final block, and was carried out.',
  words: [{ name: 'hash', help: 'what tx submit said' }],
  flags: TO_NODE_FLAGS,
  examples: [['tx watch $HASH', 'From the beginning to finality.']],
  run: async (call) => (await import('../../to-node/transactions.ts')).watchTransaction(call, call.words[0] ?? ''),
})

export const txParse = defineCommand({
  name: 'tx parse',
  summary: 'tell what a transaction is',
  part: 'running',
  description: 'By the runtime of the best block: its call, who signed it, nonce and tip. Nothing is checked but its form.',
  words: [TRANSACTION],
  flags: TO_NODE_FLAGS,
  examples: [['tx parse < signed.hex', 'What it would do, before it is handed in.']],
  run: async (call) => (await import('../../to-node/transactions.ts')).parseTransaction(call, call.words[0]),
})

export const txFee = defineCommand({
  name: 'tx fee',
  summary: 'tell what a transaction would cost',
  part: 'running',
  description: 'At the best block, in the smallest unit of the token, without the tip.',
  words: [TRANSACTION],
  flags: TO_NODE_FLAGS,
  examples: [['tx fee < signed.hex', 'What it would cost, before it is handed in.']],
  run: async (call) => (await import('../../to-node/transactions.ts')).priceTransaction(call, call.words[0]),
})
