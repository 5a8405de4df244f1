/** `grandpa_*`: how the vote stands, proofs of finality, and being told of justifications. */
import { fromHex, toHex, type Hash } from '../../../../base/bytes.ts'
import { errorMessage } from '../../../../base/errors.ts'
import { encodeSs58 } from '../../../../crypto/keys/ss58.ts'
import { ScaleWriter } from '../../../../scale/writer.ts'
import { encodeHeader } from '../../../scale/header.ts'
import { engineCall, EngineMethodError, type EngineMethod, type EngineMethodContext } from '../methods.ts'
import { GRANDPA_ENGINE } from './digest.ts'
import type { RoundReport, VotingReport } from './rounds/report.ts'

/** How far from where it should be a justification is looked for. */
const MAX_DISTANCE = 1024
/** Headers that are read at a time: everything else in this thread has its turn in between. */
const SLICE = 256

/** The numbers of Substrate's nodes. */
const PROVE_FINALITY = 4
const RESPONSE_TOO_BIG = -32008

export interface GrandpaFacts {
  /** Whose votes are in. */
  readonly votes: () => VotingReport
  /** Which finalized blocks changed the authorities. */
  readonly changes: {
    /** Sees to it that everything up to this height is known, unless `signal` aborts before. */
    scan(finalized: number, signal: AbortSignal): Promise<void>
    /** Changes above `from` and up to `to`, lowest first; of a forced one, `provenUpTo` is what the authorities before it finalized. */
    after(from: number, to: number): readonly { readonly number: number; readonly provenUpTo?: number }[]
  }
}

export function grandpaMethods({ votes, changes }: GrandpaFacts, context: EngineMethodContext): EngineMethod[] {
  const { blocks, events, logger, clock, callTimeoutMs, maxResponseBytes, addressPrefix } = context

  function roundJson({ round, totalWeight, thresholdWeight, prevotes, precommits }: RoundReport): unknown {
    const side = ({ weight, missing }: RoundReport['prevotes']): unknown => ({
      currentWeight: weight,
      missing: missing.map((key) => encodeSs58(fromHex(key), addressPrefix)),
    })
    return { round, totalWeight, thresholdWeight, prevotes: side(prevotes), precommits: side(precommits) }
  }

  async function justificationOf(block: Hash): Promise<Uint8Array | undefined> {
    return (await blocks.justifications(block))?.find(({ engine }) => engine === GRANDPA_ENGINE)?.data
  }

  /** The first justified block of these heights. */
  async function justified(heights: Iterable<number>): Promise<{ hash: Hash; number: number; data: Uint8Array } | undefined> {
    for (const number of heights) {
      const hash = blocks.hashByNumber(number)
      const data = hash === undefined ? undefined : await justificationOf(hash)
      if (hash !== undefined && data !== undefined) return { hash, number, data }
    }
    return undefined
  }

  /** Which blocks changed the authorities is read from all headers when somebody asks for the first time. */
  async function scanChanges(finalized: number): Promise<void> {
    const abort = new AbortController()
    const cancel = clock.schedule(callTimeoutMs, () => abort.abort())
    await changes.scan(finalized, abort.signal).finally(cancel)
    if (abort.signal.aborted) throw notProven('the headers of this chain are being read for the first time: ask again in a minute')
  }

  /**
   * A block is proven final by the last block that the same authorities finalized, whose justification every node keeps; under the
   * authorities of today, by the newest justified block. Authorities who were discharged by force have left off somewhere before.
   */
  async function proofFor(block: number): Promise<string | null> {
    const finalized = blocks.finalized().number
    if (block > finalized) throw notProven('Block not yet finalized')
    await scanChanges(finalized)
    const downFrom = (number: number): Iterable<number> => range(number, Math.max(block, number - MAX_DISTANCE))
    const change = changes.after(block - 1, finalized).find(({ number, provenUpTo = number }) => provenUpTo >= block)
    let heights = downFrom(finalized)
    if (change?.provenUpTo !== undefined) heights = downFrom(change.provenUpTo)
    else if (change !== undefined) heights = range(change.number, Math.min(finalized, change.number + MAX_DISTANCE))
    const proven = await justified(heights)
    if (proven === undefined) return null
    const writer = new ScaleWriter(proven.data.length + 1024).hash(proven.hash).bytes(proven.data)
    return toHex(writer.vec(await headersBetween(block, proven.number), (w, header) => w.raw(header)).finish())
  }

  /** Above `from` and up to `to`, encoded. */
  async function headersBetween(from: number, to: number): Promise<Uint8Array[]> {
    const headers: Uint8Array[] = []
    let size = 0
    for (let number = from + 1; number <= to; number++) {
      const hash = blocks.hashByNumber(number)
      const header = hash === undefined ? undefined : blocks.header(hash)
      if (header === undefined) throw notProven(`the header of block ${number} is not stored here`)
      const encoded = encodeHeader(header)
      headers.push(encoded)
      size += encoded.length
      if (size * 2 > maxResponseBytes) throw new EngineMethodError(RESPONSE_TOO_BIG, 'Response is too big', `Exceeded max limit of ${maxResponseBytes}`)
      if (number % SLICE === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    return headers
  }

  return [
    engineCall({
      name: 'grandpa_roundState',
      params: {},
      handle() {
        const { setId, best, background } = votes()
        return { setId, best: roundJson(best), background: background.map(roundJson) }
      },
    }),
    engineCall({ name: 'grandpa_proveFinality', params: { block: 'blockNumber' }, handle: ({ block }) => proofFor(block) }),
    {
      subscribe: 'grandpa_subscribeJustifications',
      unsubscribe: 'grandpa_unsubscribeJustifications',
      notification: 'grandpa_justifications',
      follow(notify) {
        // One after the other: the second must not overtake the first while it is read.
        let last = Promise.resolve()
        const tell = async (block: Hash): Promise<void> => {
          const data = await justificationOf(block)
          if (data !== undefined) notify(toHex(data))
        }
        const onFinalized = ({ head }: { readonly head: { readonly hash: Hash } }): void => {
          last = last.then(() => tell(head.hash)).catch((error: unknown) => logger.warn('a justification could not be read', { reason: errorMessage(error) }))
        }
        return events.on('finalized', onFinalized)
      },
    },
  ]
}

function notProven(why: string): EngineMethodError {
  return new EngineMethodError(PROVE_FINALITY, `GRANDPA prove finality rpc failed: ${why}`)
}

/** From `first` to `last`, in either direction, both included. */
function* range(first: number, last: number): Generator<number> {
  const step = first <= last ? 1 : -1
  for (let number = first; number !== last + step; number += step) yield number
}
