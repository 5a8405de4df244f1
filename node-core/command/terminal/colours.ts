/** Colours for a terminal, where they are wanted: not where output goes elsewhere, nor where `NO_COLOR` is set (https://no-color.org). */
import { styleText } from 'node:util'

export interface Colours {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  accent(text: string): string
}

type Format = Parameters<typeof styleText>[0]

export function wantsColours(stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: refused = '', TERM: terminal } = env
  return stream.isTTY === true && refused === '' && terminal !== 'dumb'
}

export function coloursOf(wanted: boolean): Colours {
  const paint = (format: Format) => (text: string): string => (wanted ? styleText(format, text, { validateStream: false }) : text)
  return { bold: paint('bold'), dim: paint('dim'), good: paint('green'), bad: paint('red'), accent: paint('cyan') }
}
