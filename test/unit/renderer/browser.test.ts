/** In a browser: what is taken for a token, and the commands for the node's computer. */
import { describe, expect, it } from 'vitest'
import { NODE_FLAGS } from '../../../node-core/command/flags.ts'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { isLoopbackPage } from '../../../renderer/text/developer.ts'
import { doneThere } from '../../../renderer/text/there.ts'
import { tokenIn } from '../../../renderer/trpc/session.ts'

describe('a token that is pasted', () => {
  it.each([
    ['http://127.0.0.1:9955/#token=abc-_1', 'abc-_1'],
    ['  Dashboard: https://ops.example/node/#token=abc\n', 'abc'],
    ['token=abc', 'abc'],
    ['abc', 'abc'],
    ['', undefined],
    ['http://127.0.0.1:9955/', undefined],
    ['http://127.0.0.1:9955/#token=', undefined],
    ['two words', undefined],
  ])('in %j', (text, token) => {
    expect(tokenIn(text)).toBe(token)
  })
})

describe('what is done at the node’s computer', () => {
  const commandOf = (id: string, flags: Record<string, string>, platform = 'linux') => doneThere(flags, platform).find((each) => each.id === id)?.command

  it('names the chain and the folder of this node, for the shell of its system', () => {
    const flags = { chain: "it's mine.json", 'base-path': '/srv/node data' }
    expect(commandOf('purge', flags)).toBe(String.raw`nodestead purge-chain --chain 'it'\''s mine.json' --base-path '/srv/node data'`)
    expect(commandOf('stop', flags, 'win32')).toBe('nodestead stop --base-path "/srv/node data"')
    expect(commandOf('move', flags)).toBe('/srv/node data')
    expect(commandOf('stop', { chain: 'dev' })).toBe('nodestead stop')
    expect(commandOf('move', { chain: 'dev' })).toBeUndefined()
  })

  it('uses commands and flags that there are', () => {
    const names = COMMANDS.map(({ name }) => name)
    for (const { command } of doneThere({ chain: 'westend', 'base-path': '/data' }, 'linux')) {
      if (!command.startsWith('nodestead ')) continue
      const [, first = '', ...words] = command.split(' ')
      const known = first.startsWith('--') ? 'run' : first
      expect(names, command).toContain(known)
      const flags = Object.keys(known === 'run' ? NODE_FLAGS : (COMMANDS.find(({ name }) => name === known)?.flags ?? {}))
      for (const word of [first, ...words]) if (word.startsWith('--')) expect(flags, command).toContain(word.slice(2))
    }
  })
})

it('knows a page on the node’s own computer', () => {
  expect(['127.0.0.1', 'localhost', '[::1]', 'ops.example', '192.0.2.1', '127.0.0.1.example'].map(isLoopbackPage)).toEqual([true, true, true, false, false, false])
})
