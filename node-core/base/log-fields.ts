/** Fields of log records as text: whatever a module put in, it can cross to a client. */
import { errorMessage } from './errors.ts'

const LONGEST_VALUE = 400

export function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : value instanceof Error ? errorMessage(value) : jsonText(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? String(value)
  } catch {
    // Circular: its kind is all that can be said.
    return Object.prototype.toString.call(value)
  }
}
