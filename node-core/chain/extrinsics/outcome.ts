/**
 * What an extrinsic did, by the events of its block.
 *
 * That it is in a block says only that its fee was paid: the dispatch may have failed, which `ExtrinsicFailed` tells. And a dispatch that
 * succeeded may have been no more than the attempt of another: `Sudo.sudo`, `Proxy.proxy` and `Multisig.as_multi` report the result of
 * the inner call in an event of their own, as a `Result`.
 */
import { EMPTY } from '../../base/bytes.ts'
import { describeEvents, outcomeOf } from '../explorer/block-events.ts'
import { Names } from '../explorer/names.ts'
import type { RuntimeTypes } from '../explorer/runtime-types.ts'
import type { DispatchFailure, EventDetails, Value } from '../explorer/types.ts'
import { ValueReader } from '../explorer/values.ts'

/** Values that are read of one block. */
const MAX_VALUES = 50_000
/** Accounts in events are not looked at: any form of address will do. */
const NAMES = new Names({ addressPrefix: 42, isPublic: true })

export interface DispatchOutcome {
  readonly events: readonly EventDetails[]
  /** Of the dispatch, or of the call that it carried; undefined where both succeeded. */
  readonly failure: DispatchFailure | undefined
}

/** `events` are those of the block, as they lie in its state. */
export function dispatchOutcome(events: Uint8Array | undefined, index: number, runtime: RuntimeTypes): DispatchOutcome {
  const values = new ValueReader(runtime, { accountOf: (key) => NAMES.account(key), limit: MAX_VALUES })
  const caused = describeEvents(events ?? EMPTY, runtime, values).byExtrinsic.get(index) ?? []
  return { events: caused, failure: outcomeOf(caused).failure ?? innerFailure(caused) }
}

function innerFailure(events: readonly EventDetails[]): DispatchFailure | undefined {
  for (const { fields } of events) {
    for (const { value } of fields) {
      const failure = failureOf(value)
      if (failure !== undefined) return failure
    }
  }
  return undefined
}

function failureOf(value: Value): DispatchFailure | undefined {
  const inner = value.kind === 'variant' && value.name === 'Err' ? value.fields[0]?.value : undefined
  return inner?.kind === 'error' ? inner.error : undefined
}
