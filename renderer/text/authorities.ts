/** What the table of authorities says, and whom finality waits for. Pure. */
import { m } from '../i18n/language.ts'
import { formatCount, formatNumber, shortId } from './format.ts'
import type { AuthorityReport, AuthorityRow } from '../../node-core/api/network/authorities.ts'
import type { Tone } from './status-sentence.ts'

/** More names than these are counted. */
const NAMED = 3

export function authorityName({ name, address }: Pick<AuthorityRow, 'name' | 'address'>): string {
  return name ?? shortId(address)
}

/** Grey for what nobody can say yet. */
export function presenceMark({ presence }: Pick<AuthorityRow, 'presence'>): { readonly tone: Tone; readonly text: string } {
  const text = m.authorities.presence[presence]
  switch (presence) {
    case 'self':
    case 'here':
      return { tone: 'well', text }
    case 'away':
      return { tone: 'attention', text }
    case 'unknown':
      return { tone: 'off', text }
  }
}

/**
 * Whom finality waits for: where those who are surely away leave no supermajority. Undefined where nothing waits, or nobody can tell.
 * "2 of 3 authorities are here; Charlie's computer is missing; finality waits."
 */
export function waitingSentence({ rows, finality }: AuthorityReport): string | undefined {
  if (finality === undefined) return undefined
  const away = rows.filter(({ presence }) => presence === 'away')
  const left = finality.total - away.reduce((sum, { weight = 0 }) => sum + weight, 0)
  if (away.length === 0 || left >= finality.threshold) return undefined
  const here = rows.filter(({ presence }) => presence === 'self' || presence === 'here').length
  const names = away.length <= NAMED ? away.map(authorityName) : []
  return m.authorities.waits(formatNumber(here), formatCount(rows.length, ...m.authorities.counted), names, away.length)
}

/** How many are there, where nothing waits. */
export function presenceSentence({ rows }: AuthorityReport): string {
  const here = rows.filter(({ presence }) => presence === 'self' || presence === 'here').length
  return m.authorities.here(formatNumber(here), formatCount(rows.length, ...m.authorities.counted))
}
