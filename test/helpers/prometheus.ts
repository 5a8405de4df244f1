/** Prometheus' text format, read strictly: a line that is not well-formed is an error. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const COMMENT = /^# (?:HELP [a-zA-Z_:][a-zA-Z0-9_:]* \S.*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (?:counter|gauge))$/

export function parseMetrics(text: string): readonly Series[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const series: Series[] = []
  for (const line of text.split('\n')) {
    if (line === '' || COMMENT.test(line)) continue
    const match = LINE.exec(line)
    if (match === null) throw new Error(`not well-formed: ${line}`)
    const labels = Object.fromEntries([...(match[2] ?? '').matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]))
    series.push({ name: match[1] as string, labels, value: Number(match[3]) })
  }
  return series
}

/** The value of the series with these labels; throws where there is none. */
export function valueOf(series: readonly Series[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const found = series.find((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value))
  if (found === undefined) throw new Error(`no series ${name} ${JSON.stringify(labels)}`)
  return found.value
}
