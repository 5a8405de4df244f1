/**
 * What the commands of `tx` do: say what a transaction is and costs, hand it in, and follow it until it is final. A transaction that is handed in is in the pool when the
 * command says its hash. One that is followed ends the command with 0 where it is in a final block and was carried out; otherwise with an error that says what became of it.
 */
import { ConnectError } from '@connectrpc/connect'
import { Chain } from '../../services/proto/nodestead/v1/chain_pb.ts'
import { FeeResponseSchema, ParseResponseSchema, Transaction, TransactionState as State, WatchResponseSchema, type WatchResponse } from '../../services/proto/nodestead/v1/transaction_pb.ts'
import { CommandError } from '../definition/errors.ts'
import { factsOf } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { PlaceValues } from './flags.ts'
import { follow } from './follow.ts'
import { bytesOfHex, wordOrInput } from './input.ts'
import { withNode, type Caller, type NodeLine } from './line.ts'
import { jsonOf, positionText, wordOf } from './messages.ts'
import { callText } from './values.ts'

const LOST: Readonly<Partial<Record<State, string>>> = {
  [State.FINALITY_TIMEOUT]: 'It is in a block that was not finalized for a long time, and is watched no longer.',
  [State.USURPED]: 'Another transaction of the same account took its place.',
  [State.DROPPED]: 'The pool dropped it: there were too many others.',
  [State.INVALID]: 'It is not valid any more: its nonce is used, its time is over, or the account cannot pay for it.',
}

const transactionIn = async (word: string | undefined, terminal: Terminal): Promise<Uint8Array<ArrayBuffer>> => bytesOfHex(await wordOrInput(word, terminal), 'A transaction')

export async function parseTransaction(caller: Caller, word: string | undefined): Promise<undefined> {
  const { terminal, values } = caller
  const transaction = await transactionIn(word, terminal)
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const answer = await line.client(Transaction).parse({ network, transaction }, line.options)
    const { hash, size, call, signer, nonce, tip, problem } = answer.transaction ?? {}
    terminal.result(jsonOf(ParseResponseSchema, answer), factsOf([
      ['hash', hash ?? ''], ['bytes', String(size ?? transaction.length)], ['call', call === undefined ? '' : callText(call)], ['signer', signer ?? ''], ['nonce', nonce ?? ''], ['tip', tip ?? ''], ['problem', problem ?? ''],
    ], terminal.sheet))
    return undefined
  })
}

export async function priceTransaction(caller: Caller, word: string | undefined): Promise<undefined> {
  const { terminal, values } = caller
  const transaction = await transactionIn(word, terminal)
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const answer = await line.client(Transaction).fee({ network, transaction }, line.options)
    terminal.result(jsonOf(FeeResponseSchema, answer), factsOf([
      ['fee', answer.partialFee, `${answer.partialFee} in the smallest unit, without the tip`], ['class', answer.dispatchClass], ['ref time', String(answer.refTime)], ['proof size', String(answer.proofSize)], ['at block', positionText(answer.block)],
    ], terminal.sheet))
    return undefined
  })
}

export async function submitTransaction(caller: Caller & { readonly values: PlaceValues & { readonly watch?: true } }, word: string | undefined): Promise<undefined> {
  const { terminal, values } = caller
  const transaction = await transactionIn(word, terminal)
  const handedIn = await withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const { hash } = await line.client(Transaction).submit({ network, transaction }, line.options)
    terminal.result({ hash }, hash)
    return { network, hash }
  })
  return values.watch === true ? watch(caller, handedIn) : undefined
}

export async function watchTransaction(caller: Caller, hash: string): Promise<undefined> {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hash)) throw new CommandError('DATA_INVALID', 'The hash of a transaction has 0x and 64 hexadecimal digits.', { hint: 'It is what tx submit says.' })
  return watch(caller, { network: undefined, hash })
}

async function watch(caller: Caller, { network: known, hash }: { readonly network: string | undefined; readonly hash: string }): Promise<undefined> {
  const { terminal, values } = caller
  let network = known
  let last: WatchResponse | undefined
  const isOver = await follow(caller, {
    open: async (line, { cursor, signal }) => {
      network ??= (await line.network(values.network)).network
      return line.client(Transaction).watch({ network, hash, cursor }, { signal })
    },
    take: (event) => {
      last = event
      terminal.result({ hash, ...(jsonOf(WatchResponseSchema, event) as object) }, wordsFor(event))
      return event.state === State.FINALIZED || LOST[event.state] !== undefined
    },
  })
  if (!isOver || last === undefined) throw new CommandError('INTERRUPTED', `The transaction ${hash} is not final yet; the node keeps it.`, { hint: `Follow it again: tx watch ${hash}` })
  const lost = LOST[last.state]
  if (lost !== undefined) throw new CommandError('TX_NOT_FINALIZED', `The transaction ${hash} was not finalized. ${lost}`, { hint: 'Make it anew and submit that.' })
  const { blockHash, index } = last
  return withNode(caller, (line) => tellPlace(line, terminal, { network: network ?? '', hash, blockHash, index }))
}

/** Where it is; throws TX_FAILED where the runtime took it and did not carry it out. */
async function tellPlace(line: NodeLine, terminal: Terminal, { network, hash, blockHash, index }: { readonly network: string; readonly hash: string; readonly blockHash: string; readonly index: number | undefined }): Promise<undefined> {
  const { block } = await line.client(Chain).events({ network, at: { id: { case: 'hash', value: blockHash } } }, line.options).catch((error: unknown) => {
    // Finality is told without the words for it.
    if (error instanceof ConnectError) return { block: undefined }
    throw error
  })
  const own = block?.extrinsics.find((extrinsic) => extrinsic.hash === hash)
  const number = block?.block?.number
  const where = `block ${number === undefined ? '' : `${number} `}${blockHash}, extrinsic ${index ?? own?.index ?? '?'}`
  const result = own?.succeeded === undefined ? 'whether it was carried out is not known here' : own.succeeded ? 'carried out' : 'failed'
  terminal.result({ hash, finalized: { hash: blockHash, number: number ?? null, index: index ?? null }, succeeded: own?.succeeded ?? null }, `Finalized in ${where}: ${result}.`)
  if (own?.succeeded !== false) return undefined
  const reason = own.failure === undefined ? '' : ` with ${[own.failure.pallet, own.failure.name].filter((word) => word !== '').join('.')}`
  throw new CommandError('TX_FAILED', `The transaction ${hash} is final, and failed${reason}.`, { hint: own.failure?.docs === '' || own.failure === undefined ? 'See its events in the explorer.' : own.failure.docs })
}

function wordsFor({ state, blockHash, peers }: WatchResponse): string {
  switch (state) {
    case State.FUTURE:
      return 'waits for another of its account'
    case State.READY:
      return 'in the pool'
    case State.BROADCAST:
      return `sent to ${peers} ${peers === 1 ? 'peer' : 'peers'}`
    case State.IN_BLOCK:
      return `in block ${blockHash}`
    case State.RETRACTED:
      return `no longer in block ${blockHash}`
    case State.FINALIZED:
      return `final in block ${blockHash}`
    default:
      return wordOf(State, state)
  }
}
