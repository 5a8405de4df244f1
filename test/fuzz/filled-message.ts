/** A message of protobuf with something in each of its fields, so that mutations meet all of them. */
import { ScalarType, type DescField, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'

const DEEPEST = 3

/** Of a oneof the last has it. */
export function filled<T extends DescMessage>(message: T, depth = 0): MessageInitShape<T> {
  const fields: Record<string, unknown> = {}
  for (const field of message.fields) {
    const value = valueOf(field, depth)
    if (value === undefined) continue
    if (field.oneof === undefined) fields[field.localName] = value
    else fields[field.oneof.localName] = { case: field.localName, value }
  }
  return fields as MessageInitShape<T>
}

function valueOf(field: DescField, depth: number): unknown {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarOf(field.scalar)
    case 'enum':
      return field.enum.values.at(-1)?.number
    case 'message':
      return depth === DEEPEST ? undefined : filled(field.message, depth + 1)
    case 'list': {
      if (field.listKind === 'scalar') return [scalarOf(field.scalar), scalarOf(field.scalar)]
      if (field.listKind === 'enum') return [field.enum.values.at(-1)?.number]
      return depth === DEEPEST ? undefined : [filled(field.message, depth + 1)]
    }
    case 'map':
      return undefined
  }
}

function scalarOf(type: ScalarType): unknown {
  switch (type) {
    case ScalarType.STRING:
      return '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
    case ScalarType.BYTES:
      return new Uint8Array(40).fill(5)
    case ScalarType.BOOL:
      return true
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 65_537n
    default:
      return 513
  }
}
