/** Amounts of a chain's token as people write them: decimal text, with a point or a comma before the fraction. */

/** Digits before the point: more than any token has units. */
const MAX_UNITS = 20

/** `1.5` of a token of twelve decimals as 1500000000000; undefined where the text is no amount, or has a finer fraction than the token. */
export function parseAmount(text: string, decimals: number): bigint | undefined {
  const match = new RegExp(`^(\\d{1,${MAX_UNITS}})(?:[.,](\\d+))?$`).exec(text.trim())
  const fraction = (match?.[2] ?? '').replace(/0+$/, '')
  return match === null || fraction.length > decimals ? undefined : BigInt(`${match[1]}${fraction.padEnd(decimals, '0')}`)
}

/** The same the other way, without marks between thousands. */
export function printAmount(smallest: bigint, decimals: number): string {
  const digits = smallest.toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  const units = decimals === 0 ? digits : digits.slice(0, -decimals)
  return fraction === '' || decimals === 0 ? units : `${units}.${fraction}`
}
