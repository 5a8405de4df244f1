/** Numbers, times and hashes as a person reads them, in the language in use. Pure: time comes in as an argument. */
import { locale, timeWords } from '../i18n/locale.ts'

const formats = new Map<string, Intl.NumberFormat>()

/** `48120` as `48,120`, or `48.120`: as the language has it. */
export function formatNumber(value: number, fractionDigits = 0): string {
  const key = `${locale}/${fractionDigits}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits, useGrouping: 'always' })
    formats.set(key, format)
  }
  return format.format(value)
}

/** A block's height as `#48,120`. */
export function formatHeight(value: number): string {
  return `#${formatNumber(value)}`
}

/** `1 block`, `2 blocks`. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(count)} ${count === 1 ? singular : plural}`
}

/** A span of time in its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. Negative spans read as `0 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (days > 0) return join(days, timeWords.days, hours % 24, timeWords.hours)
  if (hours > 0) return join(hours, timeWords.hours, minutes % 60, timeWords.minutes)
  if (minutes > 0) return join(minutes, timeWords.minutes, seconds % 60, timeWords.seconds)
  return `${seconds} ${timeWords.seconds}`
}

function join(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${formatNumber(major)} ${majorUnit}` : `${formatNumber(major)} ${majorUnit} ${minor} ${minorUnit}`
}

/** A span that is only about right: without seconds above a minute, without minutes above a day. */
export function roughSpan(ms: number): string {
  if (ms < 60_000) return formatDuration(Math.max(1000, ms))
  return formatDuration(ms < 86_400_000 ? ms - (ms % 60_000) : ms - (ms % 3_600_000))
}

/** So many in a second: with a decimal where there are few. */
export function paceText(perSecond: number): string {
  return formatNumber(perSecond, perSecond > 0 && perSecond < 9.95 ? 1 : 0)
}

/** How long ago an instant was, in one unit: `now`, `3 s ago`, `5 min ago`. */
export function formatAge(instant: number, now: number): string {
  const ms = now - instant
  if (ms < 1000) return timeWords.now
  const rounded = ms < 60_000 ? ms : ms < 3_600_000 ? ms - (ms % 60_000) : ms - (ms % 3_600_000)
  return timeWords.ago(formatDuration(rounded))
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes in the largest decimal unit that leaves a number of at least one: `214 kB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${formatNumber(value, unit > 0 && value < 9.95 ? 1 : 0)} ${BYTE_UNITS[unit] as string}`
}

/** `214 kB/s`. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** `0.31` as `31 %`. */
export function formatPercent(share: number, fractionDigits = 0): string {
  return `${formatNumber(share * 100, fractionDigits)} %`
}

/** `0.389` as `38 %`, and never `100 %`: whoever is not done yet is not. */
export function percentDown(share: number): string {
  return formatPercent(Math.min(99, Math.floor(Math.max(0, share) * 100)) / 100)
}

/** True for `0x` and 32 bytes in hexadecimal. */
export function isHash(text: string): boolean {
  return /^0x[0-9a-f]{64}$/i.test(text)
}

/** Peer ids all begin alike, so more of their ends is shown. */
const PEER_ID = /^(12D3Koo|16Uiu2H|Qm)[1-9A-HJ-NP-Za-km-z]{38,}$/

/** Hashes and accounts as `0x3f9a…c2a1`, peer ids as `12D3Koo…c6iDEp`: the one short form of each. Text that is short already stays. */
export function shortId(id: string): string {
  const [head, tail] = PEER_ID.test(id) ? [7, 6] : [6, 4]
  return id.length <= head + tail + 3 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`
}

/** The time of day in the viewer's zone, `13:04:05`. */
export function formatTime(instant: number): string {
  return new Date(instant).toLocaleTimeString('en-GB', { hour12: false })
}

/** Day and time in the viewer's zone: `Nov 21, 2026, 13:04:05`; the day as the language has it. */
export function formatDateTime(instant: number): string {
  return `${new Date(instant).toLocaleDateString(locale, { dateStyle: 'medium' })}, ${formatTime(instant)}`
}

/** A day of the calendar, `2026-11-29`, as the language has it: `Sun, Nov 29, 2026`. */
export function formatDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(locale, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
}

/** Day of the week and time in the viewer's zone: `Sat 13:04:05`. */
export function formatDayTime(instant: number): string {
  return `${new Date(instant).toLocaleDateString(locale, { weekday: 'short' })} ${formatTime(instant)}`
}

/** `13:04:05.123`. */
export function formatLogTime(instant: number): string {
  return `${formatTime(instant)}.${String(new Date(instant).getMilliseconds()).padStart(3, '0')}`
}
