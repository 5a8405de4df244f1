import { describe, expect, it } from 'vitest'
import { fits, parseScope, ScopeSet } from '../../../../node-core/net/ipc/scopes.ts'

const code = (run: () => unknown): unknown => {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as { readonly code?: string }).code
  }
}

describe('a scope', () => {
  it.each(['streams', 'dht', 'topics:news/*', 'sealed:mail', 'channels:*', 'resources', 'resources:/home/me/shared', 'resources:*'])('%s is one', (text) => {
    expect(parseScope(text)).toBeDefined()
  })

  it.each(['', 'keys', 'toString', 'dht:x', 'topics:', 'Streams', `topics:${'x'.repeat(129)}`, 'resources:', 'resources:shared', 'resources:/home/*', `resources:/${'x'.repeat(512)}`, 'resources:/a\0b'])('%j is none', (text) => {
    expect(code(() => parseScope(text))).toBe('NET_SCOPE_INVALID')
  })
})

describe('a program', () => {
  it('without scopes may use nothing', () => {
    const none = new ScopeSet([])
    expect([none.has('streams'), none.allows('topics', ''), code(() => none.require('peers', 'streams'))]).toEqual([false, false, 'NET_SCOPE_MISSING'])
  })

  it('with a pattern may use what fits it, and nothing else of the kind', () => {
    const some = new ScopeSet(['topics:news/*', 'topics:weather'])
    expect(['news/', 'news/sport', 'weather', 'weather/now', 'old news/x', ''].map((name) => some.allows('topics', name))).toEqual([true, true, true, false, false, false])
    expect([some.has('topics'), some.allows('streams', 'news/sport'), code(() => some.requireNamed('topics', 'mail'))]).toEqual([true, false, 'NET_SCOPE_MISSING'])
  })

  it('has the folders that its scopes name', () => {
    expect(new ScopeSet(['resources', 'topics:a', 'resources:/home/me/shared', 'resources:*']).folders).toEqual(['/home/me/shared', '*'])
    expect(new ScopeSet(['topics']).folders).toEqual([])
  })

  it('with the whole kind may use any', () => {
    expect(new ScopeSet(['topics:a', 'topics']).allows('topics', 'b')).toBe(true)
  })
})

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*b*b', 'abb', true],
    ['*ab*ab', 'ab', false],
    ['a.c', 'abc', false],
  ] as const)('%s and %s: %s', (pattern, name, answer) => {
    expect(fits(pattern, name)).toBe(answer)
  })
})
