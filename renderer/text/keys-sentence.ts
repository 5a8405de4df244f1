/** The one true sentence about the keys: whether they can sign, how many there are, and how many the chain uses. */
import { m } from '../i18n/language.ts'
import { inOneLine, translated } from './problem.ts'
import type { KeysState } from '../../node-core/api/network/keys.ts'
import type { Sentence } from './status-sentence.ts'

/** `well` is for keys of which the chain itself says that it uses them. */
export function keysSentence(state: KeysState | undefined): Sentence {
  if (state === undefined) return { text: m.keys.waiting, tone: 'busy' }
  if (state.problem !== undefined) return { text: inOneLine(translated(state.problem)), tone: 'trouble' }
  const own = state.session.filter(({ source }) => source === 'file')
  const damaged = [...own, ...state.accounts].filter((key) => key.damaged).length
  if (own.length === 0 && state.accounts.length === 0) return withoutOwn(state)
  const what = m.keys.and([
    ...(own.length === 0 ? [] : [m.keys.session(own.length)]),
    ...(state.accounts.length === 0 ? [] : [m.keys.accounts(state.accounts.length)]),
  ])
  if (state.lock !== 'unlocked') return { text: m.keys.locked(what), tone: 'attention' }
  if (damaged > 0) return { text: `${m.keys.ready(what)} ${m.keys.damaged(damaged)}`, tone: 'trouble' }
  const used = usedBy(own)
  const isTold = own.some(({ use }) => use !== 'unknown')
  const usage = used > 0 ? m.keys.used(used) : isTold ? m.keys.unusedAll : ''
  // Who signs all the same is said: it is not these keys.
  const others = usedBy(state.session.filter(({ source }) => source === 'development'))
  const instead = others > 0 ? m.signing.developmentSigns(others) : ''
  return { text: [m.keys.ready(what), usage, instead].filter((part) => part !== '').join(' '), tone: used > 0 || others > 0 ? 'well' : 'off' }
}

function withoutOwn({ session, lock }: KeysState): Sentence {
  if (session.length > 0) {
    const used = usedBy(session)
    // What the chain uses is not known before it was asked.
    if (session.every(({ use }) => use === 'unknown')) return { text: m.signing.developmentUntold(session.length), tone: 'off' }
    return { text: m.keys.development(session.length, used), tone: used > 0 ? 'well' : 'off' }
  }
  return { text: lock === 'unlocked' ? m.keys.noneUnlocked : m.keys.none, tone: 'off' }
}

function usedBy(keys: KeysState['session']): number {
  return keys.filter(({ use }) => use === 'used').length
}
