/**
 * Rows for people and for scripts. On a terminal: columns below headings, as wide as what is in them, cut at its edge. Piped: the values of each row
 * with a tab between them, without headings, always as many and in the same order; what is not there is a `-`.
 */
import type { Colours } from './colours.ts'
import { plainText } from './plain-text.ts'

export interface Column<Row> {
  readonly name: string
  /** As scripts get it: whole numbers without units, whole identifiers. */
  readonly value: (row: Row) => string
  /** As people get it, where that differs; nothing leaves the column out. */
  readonly shown?: ((row: Row) => string) | false
  readonly right?: true
  readonly paint?: (text: string, row: Row, colours: Colours) => string
}

export interface Sheet {
  readonly isScreen: boolean
  readonly columns: number
  readonly colours: Colours
}

const GAP = '  '

/** Without a line break at the end; empty where a script has no rows. */
export function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[], sheet: Sheet): string {
  if (!sheet.isScreen) return rows.map((row) => lineOf(columns, row)).join('\n')
  const shown = columns.filter((column) => column.shown !== false)
  const cells = rows.map((row) => shown.map(({ value, shown: other }) => orDash(plainText((other === false || other === undefined ? value : other)(row)))))
  const widths = shown.map(({ name }, at) => Math.max(name.length, ...cells.map((row) => (row[at] ?? '').length)))
  const { colours } = sheet
  const fitted = (texts: readonly string[], paint: (text: string, at: number) => string): string => {
    let room = sheet.columns
    return texts.map((text, at) => {
      const isLast = at === texts.length - 1
      const width = widths[at] ?? 0
      const filled = shown[at]?.right === true ? text.padStart(width) : isLast ? text : text.padEnd(width)
      const cut = filled.length <= room ? filled : room < 2 ? '' : `${filled.slice(0, room - 1)}…`
      room -= cut.length + GAP.length
      return cut === '' ? '' : paint(cut, at)
    }).join(GAP).trimEnd()
  }
  return [
    fitted(shown.map(({ name }) => name), (text) => colours.bold(text)),
    ...cells.map((texts, index) => fitted(texts, (text, at) => shown[at]?.paint?.(text, rows[index] as Row, colours) ?? text)),
  ].join('\n')
}

/** One row for a script. */
export function lineOf<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns.map(({ value }) => orDash(plainText(value(row)))).join('\t')
}

/** `Name  value` below each other for people, `name<tab>value` for scripts; facts without a value are left out on a terminal alone. */
export function factsOf(facts: readonly (readonly [name: string, value: string, shown?: string])[], sheet: Sheet): string {
  if (!sheet.isScreen) return facts.map(([name, value]) => `${name}\t${orDash(plainText(value))}`).join('\n')
  const present = facts.filter(([, value]) => value !== '')
  const width = Math.max(0, ...present.map(([name]) => name.length))
  return present.map(([name, value, shown]) => `${sheet.colours.dim(name.padEnd(width))}  ${shown ?? plainText(value)}`).join('\n')
}

function orDash(text: string): string {
  return text === '' ? '-' : text
}
