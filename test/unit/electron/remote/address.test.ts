/** What a person pastes to manage another node, and what is said where it is no such address. */
import { describe, expect, it } from 'vitest'
import { parseRemoteTarget } from '../../../../electron/remote/address.ts'
import { isNodeError } from '../../../../node-core/base/errors.ts'

const TOKEN = 'Zm9vYmFyYmF6-_0123456789abcdefghijklmnopqrs'

describe('the address of a node to manage', () => {
  it.each([
    [`http://127.0.0.1:9955/#token=${TOKEN}`, '', '127.0.0.1:9955'],
    [`  http://127.0.0.1:9955/#token=${TOKEN}\n`, '', '127.0.0.1:9955'],
    [`http://localhost:19955/#token=${TOKEN}`, '', '127.0.0.1:19955'],
    [`http://[::1]:9955#token=${TOKEN}`, '', '[::1]:9955'],
    [`127.0.0.1:9955`, TOKEN, '127.0.0.1:9955'],
    [`http://127.0.0.1:9955`, ` ${TOKEN} `, '127.0.0.1:9955'],
    [`http://127.0.0.1/#token=${TOKEN}`, '', '127.0.0.1:80'],
    // What was typed beside the address is meant.
    [`http://127.0.0.1:9955/#token=old`, TOKEN, '127.0.0.1:9955'],
  ])('%j with the token %j', (text, token, address) => {
    expect(parseRemoteTarget(text, token)).toEqual({ address, token: TOKEN })
  })

  it.each([
    ['', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['a node', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['http://127.0.0.1:99999/', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['http://127.0.0.1:0/', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['http://me@127.0.0.1:9955/', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['http://127.0.0.1:9955/trpc', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['http://127.0.0.1:9955/?a=1', TOKEN, 'REMOTE_ADDRESS_INVALID'],
    [`http://127.0.0.1:9955/${'x'.repeat(600)}`, TOKEN, 'REMOTE_ADDRESS_INVALID'],
    ['https://127.0.0.1:9955/', TOKEN, 'REMOTE_ADDRESS_SCHEME'],
    ['ws://127.0.0.1:9944', TOKEN, 'REMOTE_ADDRESS_SCHEME'],
    ['nodestead://open/peers', TOKEN, 'REMOTE_ADDRESS_SCHEME'],
    ['http://192.0.2.7:9955/', TOKEN, 'REMOTE_NOT_LOOPBACK'],
    ['http://127.0.0.1.evil.example:9955/', TOKEN, 'REMOTE_NOT_LOOPBACK'],
    ['server:9955', TOKEN, 'REMOTE_NOT_LOOPBACK'],
    ['http://0.0.0.0:9955/', TOKEN, 'REMOTE_NOT_LOOPBACK'],
    ['http://127.0.0.1:9955/', '', 'REMOTE_NO_TOKEN'],
    ['http://127.0.0.1:9955/#token=', '', 'REMOTE_NO_TOKEN'],
    ['http://127.0.0.1:9955/', 'two words', 'REMOTE_TOKEN_INVALID'],
    ['http://127.0.0.1:9955/', 'x'.repeat(200), 'REMOTE_TOKEN_INVALID'],
  ])('%j with the token %j is refused: %s', (text, token, code) => {
    let thrown: unknown
    try {
      parseRemoteTarget(text, token)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code })
    if (!isNodeError(thrown)) throw new Error('no NodeError')
    expect(thrown.message).toMatch(/\.$/)
    expect(thrown.hint).toMatch(/\.$/)
    if (token !== '') expect(`${thrown.message}${thrown.hint ?? ''}${JSON.stringify(thrown.data)}`).not.toContain(token)
  })
})
