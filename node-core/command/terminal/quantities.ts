/** Amounts as people read them. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `812 B`, `4.2 MB`: powers of 1000. */
export function bytesText(bytes: number | bigint): string {
  let [amount, unit] = [Number(bytes), 0]
  while (amount >= 1000 && unit < UNITS.length - 1) [amount, unit] = [amount / 1000, unit + 1]
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[unit]}`
}

/** `12D3KooW…Xy3bQ9`: enough to tell peers apart at a glance. */
export function shortId(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 10)}…${id.slice(-6)}`
}
