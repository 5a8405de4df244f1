import { afterEach, describe, expect, it } from 'vitest'
import { LANGUAGES, m, useLanguage } from '../../../renderer/i18n/language.ts'
import { canLook, downloadShare, isReady, updateSentence } from '../../../renderer/text/updates.ts'
import type { UpdatePhase, UpdateState } from '../../../node-core/api/app/update-types.ts'

afterEach(() => void useLanguage('en'))

const state = (phase: UpdatePhase, more: Partial<UpdateState> = {}): UpdateState => ({ phase, checkedAt: undefined, notes: '', outcome: undefined, ...more })
const NOW = 10_000_000
const failed = (code: string, hint?: string): UpdatePhase => ({ kind: 'failed', problem: { code, message: 'It went wrong.', hint } })

describe('what is said of newer versions', () => {
  it.each([
    [null, 'off', 'the way it was installed'],
    [state({ kind: 'off', reason: 'no-feed' }), 'off', 'has no update server'],
    [state({ kind: 'idle' }), 'off', 'every 6 hours'],
    [state({ kind: 'idle' }, { checkedAt: NOW - 300_000 }), 'well', 'Up to date, checked 5 min ago.'],
    [state({ kind: 'idle' }, { outcome: { from: '0.1.0', to: '0.2.0', succeeded: true, reason: undefined } }), 'well', 'Updated from 0.1.0 to 0.2.0.'],
    [state({ kind: 'idle' }, { outcome: { from: '0.1.0', to: '0.2.0', succeeded: false, reason: 'The disk is full.' } }), 'attention', '0.2.0 could not be installed; 0.1.0 keeps running. The disk is full. Check for updates'],
    [state({ kind: 'checking' }), 'busy', 'Checking for updates'],
    [state({ kind: 'downloading', version: '0.2.0', doneBytes: 49_900_000, totalBytes: 100_000_000 }), 'busy', 'Downloading 0.2.0: 50 MB of 100 MB, 49 %.'],
    [state({ kind: 'ready', version: '0.2.0' }), 'attention', 'installed when you quit, or now'],
    [state({ kind: 'installing', version: '0.2.0' }), 'busy', 'Installing 0.2.0'],
    [state(failed('UPDATE_BAD_SIGNATURE')), 'attention', 'signature of the update is invalid'],
    [state(failed('UPDATE_ODD', 'Do this.')), 'attention', 'It went wrong. Do this.'],
  ] as const)('%j', (given, tone, text) => {
    const sentence = updateSentence(given, NOW)
    expect(sentence.tone).toBe(tone)
    expect(sentence.text).toContain(text)
  })

  it('has a sentence of its own for every refusal, in every language', () => {
    const codes = Object.keys(m.updates.problems)
    for (const { id } of LANGUAGES) {
      useLanguage(id)
      expect(Object.keys(m.updates.problems)).toEqual(codes)
    }
  })

  it('knows what can be done', () => {
    expect([state({ kind: 'idle' }), state(failed('X')), state({ kind: 'checking' }), state({ kind: 'ready', version: '1.0.0' })].map(canLook)).toEqual([true, true, false, false])
    expect(isReady(state({ kind: 'ready', version: '1.0.0' }))).toBe(true)
    expect(isReady(null)).toBe(false)
    expect(downloadShare(state({ kind: 'downloading', version: '1.0.0', doneBytes: 200, totalBytes: 100 }))).toBe(1)
    expect(downloadShare(state({ kind: 'idle' }))).toBeUndefined()
  })
})
