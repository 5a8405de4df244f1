/** Calls and values of a runtime in words, on one line: `Balances.transfer_keep_alive(dest: 5Grw…, value: 12)`. */
import type { DecodedCall, NamedValue, Value } from '../../services/proto/nodestead/v1/values_pb.ts'
import { plainText } from '../terminal/plain-text.ts'

export function callText({ pallet, name, arguments: given }: DecodedCall): string {
  return `${plainText(pallet)}.${plainText(name)}(${fieldsText(given)})`
}

function fieldsText(fields: readonly NamedValue[]): string {
  return fields.map(({ name, value }) => `${plainText(name)}: ${valueText(value)}`).join(', ')
}

export function valueText(value: Value | undefined): string {
  switch (value?.kind.case) {
    case undefined:
      return 'none'
    case 'flag':
      return String(value.kind.value)
    case 'number':
    case 'balance':
    case 'account':
    case 'bytes':
      return plainText(value.kind.value)
    case 'text':
      return JSON.stringify(plainText(value.kind.value))
    case 'list': {
      const { items, count } = value.kind.value
      return `[${items.map(valueText).join(', ')}${count > items.length ? `, and ${count - items.length} more` : ''}]`
    }
    case 'fields':
      return `{${fieldsText(value.kind.value.fields)}}`
    case 'variant': {
      const { name, fields } = value.kind.value
      return `${plainText(name)}${fields.length === 0 ? '' : `(${fieldsText(fields)})`}`
    }
    case 'call':
      return callText(value.kind.value)
    case 'error':
      return plainText([value.kind.value.pallet, value.kind.value.name].filter((word) => word !== '').join('.'))
    case 'omitted':
      return '…'
  }
}
