/** Managing another node, as the window reads and says it. */
import { describe, expect, it } from 'vitest'
import { faultOf, splitPasted } from '../../../renderer/text/remote.ts'
import { statusSentence } from '../../../renderer/text/status-sentence.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

describe('a pasted address', () => {
  it('is parted, so that the token is not on the screen', () => {
    expect(splitPasted(' http://127.0.0.1:9955/#token=abc-_1\n')).toEqual({ address: 'http://127.0.0.1:9955', token: 'abc-_1' })
    expect(splitPasted('http://[::1]:9955#token=abc')).toEqual({ address: 'http://[::1]:9955', token: 'abc' })
    expect(splitPasted('Dashboard: http://127.0.0.1:9955/#token=abc')).toBeUndefined()
    expect(splitPasted('http://127.0.0.1:9955/')).toBeUndefined()
  })
})

describe('what is wrong', () => {
  it.each([
    ['REMOTE_ADDRESS_SCHEME', 'address'],
    ['REMOTE_NOT_LOOPBACK', 'address'],
    ['REMOTE_NO_ANSWER', 'address'],
    ['REMOTE_NO_TOKEN', 'token'],
    ['REMOTE_TOKEN_REFUSED', 'token'],
    ['REMOTE_TOO_MANY', 'none'],
  ] as const)('%s is said at the field: %s', (code, field) => {
    const fault = faultOf({ code, message: 'in the app’s words', hint: undefined })
    expect(fault.field).toBe(field)
    expect(fault.text).not.toContain('in the app’s words')
  })

  it('is said in the app’s own words where there are no others', () => {
    expect(faultOf({ code: 'constructor', message: 'It broke.', hint: 'Mend it.' })).toEqual({ field: 'none', text: 'It broke. Mend it.' })
  })
})

describe('the sentence of a window for a node elsewhere', () => {
  const network = new FakeManager({ clock: new FakeClock() }).networks()[0]
  const say = (state: Parameters<typeof statusSentence>[0]) => statusSentence(state, network, 10_000)

  it('names the node, and never this computer', () => {
    expect(say({ kind: 'connecting', node: 'Attic' }).text).toBe('Connecting to Attic…')
    expect(say({ kind: 'lost', since: 5_000, node: 'Attic' })).toMatchObject({ text: expect.stringContaining('Connection to Attic lost 5 s ago') as string, tone: 'trouble' })
    expect(say({ kind: 'refused', node: 'Attic' })).toMatchObject({ text: expect.stringContaining('Attic no longer accepts the token') as string, tone: 'trouble' })
    expect(say({ kind: 'open', node: 'Attic' }).text).toBe('Stopped. Press Start to run Development on Attic.')
  })
})
