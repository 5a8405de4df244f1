/** The events of a block, by what caused them, and what they tell of each extrinsic: whether it succeeded, why not, what it cost. */
import { errorMessage } from '../../base/errors.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { ExplorerError } from './errors.ts'
import { firstWords } from './metadata.ts'
import type { RuntimeTypes } from './runtime-types.ts'
import type { EventDetails, ExtrinsicDetails } from './types.ts'
import type { ValueReader } from './values.ts'

export interface BlockEvents {
  readonly byExtrinsic: ReadonlyMap<number, readonly EventDetails[]>
  readonly ofBlock: readonly EventDetails[]
  /** Why the list ends early. */
  readonly problem: string | undefined
}

const MAX_EVENTS = 20_000

/** Never throws. */
export function describeEvents(encoded: Uint8Array, runtime: RuntimeTypes, values: ValueReader): BlockEvents {
  const byExtrinsic = new Map<number, EventDetails[]>()
  const ofBlock: EventDetails[] = []
  try {
    const { phase, event, topics } = recordTypes(runtime, values)
    const reader = new ScaleReader(encoded)
    const count = reader.compactNumber()
    if (count > MAX_EVENTS) throw new ExplorerError('EXPLORER_UNDECODABLE', `The block has too many events to decode (${count}).`)
    for (let i = 0; i < count; i++) {
      const extrinsic = readPhase(reader, phase, values)
      const { pallet, variant, fields } = values.readOuter(event, reader)
      const details: EventDetails = { pallet, name: variant.name, docs: firstWords(variant.docs), fields }
      values.read(topics, reader)
      if (extrinsic === undefined) ofBlock.push(details)
      else if (byExtrinsic.get(extrinsic)?.push(details) === undefined) byExtrinsic.set(extrinsic, [details])
    }
    return { byExtrinsic, ofBlock, problem: undefined }
  } catch (error) {
    return { byExtrinsic, ofBlock, problem: errorMessage(error) }
  }
}

/** The three parts of a record, out of the type of the list. */
function recordTypes(runtime: RuntimeTypes, values: ValueReader): { phase: number; event: number; topics: number } {
  let entry = runtime.events === undefined ? undefined : values.type(runtime.events.type)
  while (entry?.def.tag === 'composite' && entry.def.value.length === 1) entry = values.type(entry.def.value[0]?.type ?? -1)
  const record = entry?.def.tag === 'sequence' ? values.type(entry.def.value) : undefined
  const [phase, event, topics] = record?.def.tag === 'composite' ? record.def.value : []
  if (phase === undefined || event === undefined || topics === undefined) {
    throw new ExplorerError('EXPLORER_UNDECODABLE', 'The runtime stores its events in an unknown format.')
  }
  return { phase: phase.type, event: event.type, topics: topics.type }
}

/** The index of the extrinsic; undefined for the block's own beginning and end. */
function readPhase(reader: ScaleReader, type: number, values: ValueReader): number | undefined {
  const value = values.read(type, reader)
  if (value.kind !== 'variant' || value.name !== 'ApplyExtrinsic') return undefined
  const [index] = value.fields
  return index?.value.kind === 'number' ? Number(index.value.text) : undefined
}

export function outcomeOf(events: readonly EventDetails[]): Pick<ExtrinsicDetails, 'succeeded' | 'failure' | 'fee'> {
  let succeeded: boolean | undefined
  let failure: ExtrinsicDetails['failure']
  let fee: string | undefined
  for (const { name, fields } of events) {
    if (name === 'ExtrinsicSuccess') succeeded = true
    else if (name === 'ExtrinsicFailed') {
      succeeded = false
      const error = fields.find(({ value }) => value.kind === 'error')?.value
      failure = error?.kind === 'error' ? error.error : undefined
    }
    const paid = fields.find((field) => field.name === 'actual_fee')?.value
    if (paid?.kind === 'balance' || paid?.kind === 'number') fee = paid.text
  }
  return { succeeded, failure, fee }
}
