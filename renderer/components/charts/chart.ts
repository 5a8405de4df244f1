/** What every chart over time has in common, on screen and in a picture: its lines, its axes and how values read. */
import type uPlot from 'uplot'
import { locale } from '../../i18n/locale.ts'

export interface Series {
  readonly label: string
  /** Name of a colour token: `series-in`, `accent`, `attention`, … */
  readonly color: string
  /** One for each time; null is a gap. */
  readonly values: readonly (number | null)[]
  /** The least and the most within each step, drawn as a band around the line. */
  readonly low?: readonly (number | null)[] | undefined
  readonly high?: readonly (number | null)[] | undefined
}

export interface Drawing {
  readonly series: readonly Series[]
  readonly format: (value: number) => string
  readonly width: number
  readonly height: number
  /** Size of letters and lines against those of the screen. */
  readonly scale?: number
}

const DAY_SECONDS = 86_400
const BAND_ALPHA = '2e'

/** The value of a colour token in the scheme in use. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

export function chartData(times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  const bands = series.flatMap(({ low, high }) => (low === undefined || high === undefined ? [] : [[...high], [...low]]))
  return [[...times], ...series.map(({ values }) => [...values]), ...bands]
}

/** No quarters, which one decimal would round. */
const STEPS = Array.from({ length: 18 }, (_, i) => i - 3).flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))

/** How far apart values on an axis may be, so that each reads differently: bytes and blocks have no fractions. */
export function axisSteps(format: (value: number) => string): readonly number[] {
  return STEPS.filter((step) => {
    const read = [0, step, 2 * step, 3 * step].map(format)
    return !read.includes('') && new Set(read).size === read.length
  })
}

export function chartOptions({ series, format, width, height, scale = 1 }: Drawing): uPlot.Options {
  const size = (pixels: number): number => Math.round(pixels * scale)
  const axis: uPlot.Axis = {
    stroke: token('muted'),
    grid: { stroke: token('line'), width: scale },
    ticks: { stroke: token('line'), width: scale, size: size(6) },
    font: `${size(12)}px Inter Variable`,
    gap: size(6),
  }
  const steps = axisSteps(format)
  const banded = series.filter(({ low, high }) => low !== undefined && high !== undefined)
  const edge = (color: string): uPlot.Series => ({ stroke: token(color), width: 0, points: { show: false } })
  return {
    width,
    height,
    legend: { show: false },
    padding: [size(8), size(20), 0, 0],
    scales: { y: { range: (_, low, high) => yRange(low, high, steps[0] ?? 1) } },
    axes: [
      { ...axis, size: size(30), space: size(56), values: (_, ticks, _axis, _space, step) => ticks.map((tick) => timeLabel(tick, step)) },
      { ...axis, size: (_, texts) => Math.max(size(70), size(14) + size(7) * Math.max(0, ...(texts ?? []).map(({ length }) => length))), space: size(32), incrs: [...steps], values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...series.map(
        ({ color }): uPlot.Series => ({
          stroke: token(color),
          width: 1.5 * scale,
          // A value between two gaps has no line to be part of.
          points: { show: true, size: size(4), fill: token(color), filter: (chart, index) => lonely(chart.data[index] ?? []) },
        }),
      ),
      ...banded.flatMap(({ color }) => [edge(color), edge(color)]),
    ],
    bands: banded.map(({ color }, i) => ({ series: [series.length + 1 + i * 2, series.length + 2 + i * 2], fill: `${token(color)}${BAND_ALPHA}` })),
  }
}

/** From zero, with a little room above, and two steps high at least. Nothing but gaps gives uPlot nothing to go by. */
export function yRange(low: number | null, high: number | null, step: number): [number, number] {
  return [Math.min(0, low ?? 0), Math.max(2 * step, (high ?? 0) * 1.08)]
}

/** Days by their name, times by the clock. `step` is how far apart the ticks are. */
function timeLabel(seconds: number, step: number): string {
  const date = new Date(seconds * 1000)
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0
  if (step >= DAY_SECONDS || (step >= DAY_SECONDS / 24 && isMidnight)) return `${date.toLocaleDateString(locale, { weekday: 'short' })} ${date.getDate()}`
  return date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', ...(step < 60 ? { second: '2-digit' } : {}), hourCycle: 'h23' })
}

function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const isGap = (i: number): boolean => (values[i] ?? null) === null
  return Array.from(values, (_, i) => i).filter((i) => !isGap(i) && isGap(i - 1) && isGap(i + 1))
}

/** The newest value that is not older than two steps: what the legend says while nobody points at a time. */
export function latest(values: readonly (number | null)[]): number | null {
  return values.at(-1) ?? values.at(-2) ?? null
}
