/** Numbers, times and hashes as a person reads them. Pure: time comes in as an argument. */

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** `48120` as `48,120`. */
export function formatNumber(value: number): string {
  return integers.format(value)
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
  if (days > 0) return join(days, 'd', hours % 24, 'h')
  if (hours > 0) return join(hours, 'h', minutes % 60, 'min')
  if (minutes > 0) return join(minutes, 'min', seconds % 60, 's')
  return `${seconds} s`
}

function join(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${formatNumber(major)} ${majorUnit}` : `${formatNumber(major)} ${majorUnit} ${minor} ${minorUnit}`
}

/** How long ago an instant was, in one unit: `now`, `3 s ago`, `5 min ago`. */
export function formatAge(instant: number, now: number): string {
  const ms = now - instant
  if (ms < 1000) return 'now'
  const rounded = ms < 60_000 ? ms : ms < 3_600_000 ? ms - (ms % 60_000) : ms - (ms % 3_600_000)
  return `${formatDuration(rounded)} ago`
}

/** True for `0x` and 32 bytes in hexadecimal. */
export function isHash(text: string): boolean {
  return /^0x[0-9a-f]{64}$/i.test(text)
}

/** `0x3f9a…c2a1`: enough of both ends to tell one from another. Text that is short already stays. */
export function shortenHash(hash: string, head = 6, tail = 4): string {
  return hash.length <= head + tail + 3 ? hash : `${hash.slice(0, head)}…${hash.slice(-tail)}`
}

/** The time of day in the viewer's zone, `13:04:05`. */
export function formatTime(instant: number): string {
  return new Date(instant).toLocaleTimeString('en-GB', { hour12: false })
}

/** `13:04:05.123`. */
export function formatLogTime(instant: number): string {
  return `${formatTime(instant)}.${String(new Date(instant).getMilliseconds()).padStart(3, '0')}`
}
