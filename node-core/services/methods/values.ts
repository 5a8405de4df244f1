/** What the explorer says of blocks, extrinsics and events, as the service API says it. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import type { DecodedBlockSchema, DecodedCallSchema, DecodedEventSchema, DecodedExtrinsicSchema, DispatchFailureSchema, NamedValueSchema, ValueSchema } from '../proto/nodestead/v1/values_pb.ts'

type Block = NonNullable<Awaited<ReturnType<ChainNode['explorer']['block']>>>
type Extrinsic = Block['extrinsics'][number]
type Event = Block['events'][number]
type Call = NonNullable<Extrinsic['call']>
type Failure = NonNullable<Extrinsic['failure']>
type Named = Call['args'][number]
type Told = Named['value']

export function decodedBlock({ hash, number, place, author, extrinsics, events, undecodable, eventsProblem }: Block): MessageInitShape<typeof DecodedBlockSchema> {
  return {
    block: { hash, number }, place,
    author: author?.name ?? author?.address ?? '',
    extrinsics: extrinsics.map(decodedExtrinsic),
    events: events.map(decodedEvent),
    undecodable: undecodable === undefined ? (eventsProblem ?? '') : undecodableText(undecodable),
  }
}

function undecodableText(undecodable: NonNullable<Block['undecodable']>): string {
  switch (undecodable.reason) {
    case 'noState':
      return 'This node does not keep the state with the runtime.'
    case 'oldMetadata':
      return `The runtime describes itself in version ${undecodable.version}, which leaves out the types.`
    case 'failed':
      return undecodable.message
  }
}

export function decodedExtrinsic({ index, hash, size, call, signed, succeeded, failure, fee, events, problem }: Extrinsic): MessageInitShape<typeof DecodedExtrinsicSchema> {
  return {
    index, hash, size,
    ...(call === undefined ? {} : { call: decodedCall(call) }),
    signer: signed?.account.kind === 'account' ? signed.account.account.address : '',
    ...(signed?.nonce === undefined ? {} : { nonce: signed.nonce }),
    ...(signed?.tip === undefined ? {} : { tip: signed.tip }),
    ...(succeeded === undefined ? {} : { succeeded }),
    ...(failure === undefined ? {} : { failure: dispatchFailure(failure) }),
    ...(fee === undefined ? {} : { fee }),
    events: events.map(decodedEvent),
    problem: problem ?? '',
  }
}

function decodedCall({ pallet, name, args }: Call): MessageInitShape<typeof DecodedCallSchema> {
  return { pallet, name, arguments: args.map(namedValue) }
}

function decodedEvent({ pallet, name, fields }: Event): MessageInitShape<typeof DecodedEventSchema> {
  return { pallet, name, fields: fields.map(namedValue) }
}

function dispatchFailure({ pallet, name, docs }: Failure): MessageInitShape<typeof DispatchFailureSchema> {
  return { pallet: pallet ?? '', name, docs }
}

export function namedValue({ name, value }: Named): MessageInitShape<typeof NamedValueSchema> {
  return { name, value: { kind: valueKind(value) } }
}

function valueOf(value: Told): MessageInitShape<typeof ValueSchema> {
  return { kind: valueKind(value) }
}

function valueKind(value: Told): NonNullable<MessageInitShape<typeof ValueSchema>['kind']> {
  switch (value.kind) {
    case 'none':
      return { case: undefined }
    case 'flag':
      return { case: 'flag', value: value.flag }
    case 'number':
    case 'balance':
    case 'text':
      return { case: value.kind, value: value.text }
    case 'account':
      return { case: 'account', value: value.account.address }
    case 'bytes':
      return { case: 'bytes', value: value.hex }
    case 'list':
      return { case: 'list', value: { items: value.items.map(valueOf), count: value.count } }
    case 'fields':
      return { case: 'fields', value: { fields: value.fields.map(namedValue) } }
    case 'variant':
      return { case: 'variant', value: { name: value.name, fields: value.fields.map(namedValue) } }
    case 'call':
      return { case: 'call', value: decodedCall(value.call) }
    case 'error':
      return { case: 'error', value: dispatchFailure(value.error) }
    case 'omitted':
      return { case: 'omitted', value: true }
  }
}
