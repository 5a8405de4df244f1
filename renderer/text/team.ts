/** The members of a network that is being built: those whose keys are here, and those whose lines were pasted. Pure. */
import { hasMemberLines, parseAuthorities } from './private-network.ts'
import type { MemberLine } from '../../node-core/api/network/members.ts'
import type { Member } from '../../node-core/chain/spec/members.ts'
import type { MemberDraft } from '../../node-core/manager/kinds/chain/member-drafts.ts'

/** In the order in which they are chosen and pasted; each once, whoever pastes a line that is there already. */
export function teamOf(drafts: readonly MemberDraft[], lines: readonly MemberLine[]): readonly Member[] {
  const all = [...drafts.map(({ member }) => member), ...lines.flatMap((line) => (line.ok ? [line.member] : []))]
  return all.filter((member, index) => all.findIndex(({ stash }) => stash === member.stash) === index)
}

export type WrongLine =
  | { readonly why: 'checksum' | 'newer' | 'none'; readonly begin: string }
  /** Of the lines in the older form: an address and session keys. */
  | { readonly why: 'form'; readonly line: number }
  /** Two members have one name: nobody could tell them apart. */
  | { readonly why: 'twice'; readonly name: string }

/** The first line that cannot be read. */
export function wrongLine(pasted: string, lines: readonly MemberLine[], team: readonly Member[]): WrongLine | undefined {
  if (!hasMemberLines(pasted)) {
    const others = parseAuthorities(pasted)
    // What is neither form is most likely a line that was cut off in front.
    if (others.ok) return undefined
    return pasted.includes('0x') ? { why: 'form', line: others.line } : { why: 'none', begin: shorten(pasted.split('\n')[others.line - 1]?.trim() ?? '') }
  }
  const bad = lines.find((line) => !line.ok)
  if (bad !== undefined) return { why: bad.why, begin: bad.begin }
  const names = team.map(({ name }) => name.toLowerCase())
  const twice = team.find(({ name }, index) => names.indexOf(name.toLowerCase()) !== index)
  return twice === undefined ? undefined : { why: 'twice', name: twice.name }
}

const UNITS = 1_000_000

/** What each owns where nobody decided otherwise. */
export function usualBalances(team: readonly Member[], accounts: readonly string[]): string {
  const names = [...accounts, ...team.map(({ name }) => name)]
  return names.map((name) => `${name} ${UNITS}`).join('\n')
}

function shorten(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text
}
