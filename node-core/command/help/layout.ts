/** Help in columns, as wide as a screen of old. */
import { FLAG_GROUPS, type Flag, type FlagGroup, type FlagTable } from '../definition/flag.ts'

export const SCREEN = { columns: 80, rows: 24 } as const
const WIDEST_LEFT = 32

export type Row = readonly [left: string, right: string]

/** `  left   right`, the right side wrapped. */
export function columnsOf(rows: readonly Row[], width: number = SCREEN.columns): string {
  const widest = Math.min(WIDEST_LEFT, Math.max(0, ...rows.map(([left]) => left.length)))
  const indent = ' '.repeat(widest + 4)
  return rows
    .map(([left, right]) => {
      const [first = '', ...more] = wrapped(right, width - indent.length)
      const head = left.length > widest ? `  ${left}\n${indent}` : `  ${left.padEnd(widest)}  `
      return `${head}${first}${more.map((line) => `\n${indent}${line}`).join('')}`
    })
    .join('\n')
}

export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** `-d, --base-path <dir>` */
export function formOf(name: string, { type, short, multiple, value = 'value' }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${type === 'boolean' ? '' : ` <${value}>${multiple === true ? '…' : ''}`}`
}

export function rowOf(name: string, flag: Flag): Row {
  const fallback = flag.fallback === undefined ? '' : ` (${flag.fallback})`
  return [formOf(name, flag), `${flag.help}${fallback}`]
}

/** Flags by group, in the order of the groups; those without any are left out. */
export function groupsOf(flags: FlagTable): readonly (readonly [group: FlagGroup, flags: readonly (readonly [string, Flag])[]])[] {
  return (Object.keys(FLAG_GROUPS) as FlagGroup[])
    .map((group) => [group, Object.entries(flags).filter(([, flag]) => flag.group === group)] as const)
    .filter(([, members]) => members.length > 0)
}
