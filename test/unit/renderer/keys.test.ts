/** What the Keys screen says, from what is known. */
import { describe, expect, it } from 'vitest'
import type { KeyInfo, KeysState } from '../../../node-core/api/network/keys.ts'
import { keyMark, keyName } from '../../../renderer/text/key-rows.ts'
import { keysSentence } from '../../../renderer/text/keys-sentence.ts'

const key = (change: Partial<KeyInfo> = {}): KeyInfo => ({
  keyType: 'babe', scheme: 'sr25519', publicKey: '0x00', address: '5G', label: '', source: 'file', usable: true, damaged: false, use: 'unknown', ...change,
})
const state = (change: Partial<KeysState> = {}): KeysState => ({
  lock: 'unlocked', problem: undefined, remembered: false, vaultRefusal: undefined, identity: { peerId: undefined, addresses: [] }, session: [], accounts: [], running: true, ...change,
})

describe('the sentence', () => {
  it('says what is there and whether it can sign', () => {
    expect(keysSentence(undefined).tone).toBe('busy')
    expect(keysSentence(state({ lock: 'new' }))).toEqual({ text: 'No keys in the keystore yet. Choose a passphrase to begin.', tone: 'off' })
    expect(keysSentence(state())).toEqual({ text: 'Unlocked. No keys in the keystore yet.', tone: 'off' })
    expect(keysSentence(state({ lock: 'locked', session: [key({ usable: false })], accounts: [key(), key()] }))).toEqual({
      text: 'Locked: 1 session key and 2 accounts. Unlock to sign with them.', tone: 'attention',
    })
    expect(keysSentence(state({ session: [key()] }))).toEqual({ text: 'Unlocked: 1 session key can sign.', tone: 'off' })
    expect(keysSentence(state({ session: [key({ use: 'unused' })] })).text).toBe('Unlocked: 1 session key can sign. None of them is in use.')
    expect(keysSentence(state({ session: [key({ use: 'used' }), key({ use: 'used' })] }))).toEqual({
      text: 'Unlocked: 2 session keys can sign. 2 of them in use.', tone: 'well',
    })
    expect(keysSentence(state({ session: [key({ damaged: true, usable: false })] })).tone).toBe('trouble')
    expect(keysSentence(state({ problem: { code: 'X', message: 'It is damaged.', hint: 'Restore it.' } }))).toEqual({ text: 'It is damaged. Restore it.', tone: 'trouble' })
  })

  it('says who signs where the chain uses none of the own keys, and claims nothing that it does not know yet', () => {
    const alice = key({ source: 'development', use: 'used' })
    expect(keysSentence(state({ session: [alice, alice, key({ use: 'unused' })] }))).toEqual({
      text: 'Unlocked: 1 session key can sign. None of them is in use. 2 keys of a development account sign.', tone: 'well',
    })
    expect(keysSentence(state({ lock: 'new', session: [key({ source: 'development' })] }))).toEqual({ text: 'Has 1 key of a development account. The keystore is empty.', tone: 'off' })
  })

  it('does not call a development account the person\'s own', () => {
    const session = [key({ source: 'development', use: 'used' }), key({ source: 'development', use: 'unused' })]
    expect(keysSentence(state({ lock: 'new', session }))).toEqual({
      text: 'Signs with 2 keys of a development account, 1 of them in use. The keystore is empty.', tone: 'well',
    })
  })
})

describe('a row', () => {
  it('has a name and is green only where the chain uses the key', () => {
    expect([keyName(key()), keyName(key({ keyType: 'xxxx' })), keyName(key({ keyType: 'acco' }))]).toEqual(['Block production', 'Key type xxxx', 'Unnamed'])
    const marks = [{}, { use: 'used' }, { use: 'unused' }, { usable: false }, { damaged: true, usable: false }, { source: 'development', use: 'used' }] as const
    expect(marks.map((change) => keyMark(key(change)).tone)).toEqual(['off', 'well', 'off', 'attention', 'trouble', 'well'])
  })
})
