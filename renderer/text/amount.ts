/** Amounts of a chain's token. Pure. */
import { locale } from '../i18n/locale.ts'
import type { Token } from '../../node-core/chain/explorer/types.ts'

/** Digits behind the point: enough to tell a fee. */
const MAX_FRACTION = 6

/** `1500000000000` of a token of twelve decimals as `1.5 UNIT`. What is smaller than can be told is shown in the smallest unit. */
export function formatAmount(smallest: string, { symbol, decimals }: Token): string {
  const value = BigInt(smallest)
  const unit = 10n ** BigInt(decimals)
  const fraction = String(value % unit).padStart(decimals, '0').slice(0, decimals === 0 ? 0 : MAX_FRACTION).replace(/0+$/, '')
  if (value > 0n && value < unit && fraction === '') return `${formatInteger(value)} × 10⁻${superscript(decimals)} ${symbol}`.trimEnd()
  return `${formatInteger(value / unit)}${fraction === '' ? '' : `${decimalPoint()}${fraction}`} ${symbol}`.trimEnd()
}

/** Decimal text with the language's marks between thousands. */
export function formatInteger(value: bigint | string): string {
  return new Intl.NumberFormat(locale, { useGrouping: 'always' }).format(BigInt(value))
}

function decimalPoint(): string {
  return new Intl.NumberFormat(locale).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.'
}

function superscript(value: number): string {
  return [...String(value)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')
}
