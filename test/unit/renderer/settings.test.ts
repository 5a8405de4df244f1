/** What the Settings screen works out on its own: checks against the schema, places in the text, searches, its sentence. */
import { z } from 'zod'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appSettingsSchema } from '../../../node-core/api/app/app-settings.ts'
import { chainSettingsSchema } from '../../../node-core/manager/kinds/chain/profile.ts'
import { checkSchema, differences, schemaAt, valueAt, withValue, type JsonSchema } from '../../../renderer/text/json-schema.ts'
import { readJson } from '../../../renderer/text/json-source.ts'
import { parseAuthorities, parseBalances } from '../../../renderer/text/private-network.ts'
import { exposureOf } from '../../../renderer/text/rpc-exposure.ts'
import { foundIn, GROUPS, kindOf, settingsSentence } from '../../../renderer/text/settings-form.ts'

const schemas = {
  app: z.toJSONSchema(appSettingsSchema, { io: 'output', unrepresentable: 'any' }) as JsonSchema,
  network: z.toJSONSchema(chainSettingsSchema, { io: 'output', unrepresentable: 'any' }) as JsonSchema,
}
const settings = chainSettingsSchema.parse({ name: 'Mine' })

describe('the form', () => {
  it('shows every setting that there is, and no other', () => {
    const leaves = (schema: JsonSchema, path = ''): string[] =>
      Object.entries(schema.properties ?? {}).flatMap(([key, part]) => (part.properties === undefined ? [path + key] : leaves(part, `${path}${key}.`)))
    for (const scope of ['app', 'network'] as const) {
      expect(GROUPS.filter((group) => group.scope === scope).flatMap(({ paths }) => paths as readonly string[]).sort()).toEqual(leaves(schemas[scope]).sort())
    }
  })

  it('knows the kind of each', () => {
    const kind = (path: string) => kindOf(schemaAt(schemas.network, path) ?? {})
    expect(['role', 'autoStart', 'network.port', 'rpc.cors', 'name', 'network.topologyFile'].map(kind)).toEqual(['choice', 'switch', 'number', 'list', 'text', 'file'])
    const file = schemaAt(schemas.network, 'network.topologyFile') ?? {}
    expect(['', '/home/ada/peers.json', 'C:\\peers.json', 'peers.json'].map((path) => checkSchema(file, path).length)).toEqual([0, 0, 0, 1])
  })

  it('is searched by label, help and name', () => {
    const all = GROUPS.flatMap(({ paths }) => [...paths])
    expect(foundIn(all, 'wallets port')).toContain('rpc.port')
    expect(foundIn(all, 'relayserver')).toEqual(['network.relayServer'])
    expect(foundIn(all, 'zebra')).toEqual([])
  })

  it('says how things are in one sentence', () => {
    expect(settingsSentence({ network: 'Mine', pending: 0, writable: true }).text).toBe('All settings of the app and of Mine are in effect.')
    expect(settingsSentence({ network: 'Mine', pending: 2, writable: true })).toEqual({ tone: 'attention', text: '2 settings of Mine will take effect when the node restarts.' })
    expect(settingsSentence({ network: undefined, pending: 0, writable: false }).text).toContain('command line')
  })
})

describe('the RPC port', () => {
  const exposure = (rpc: object, role: 'full' | 'validator' = 'full') => exposureOf(chainSettingsSchema.parse({ name: 'Mine', role, rpc }))

  it('is silent while programs of this computer alone are served', () => {
    expect([exposure({}), exposure({ methods: 'safe' })]).toEqual([undefined, undefined])
  })

  it('says what others may do, louder the more that is', () => {
    expect(exposure({ methods: 'unsafe' })).toMatchObject({ tone: 'attention', title: undefined })
    expect(exposure({ external: true })).toMatchObject({ tone: 'attention', title: 'The RPC port is open to other computers' })
    expect(exposure({ external: true })?.sentences[0]).toContain('are refused')
    expect(exposure({ external: true }, 'validator')).toMatchObject({ tone: 'trouble', sentences: [expect.any(String), expect.stringContaining('validator')] })
    expect(exposure({ external: true, methods: 'unsafe' })).toMatchObject({ tone: 'trouble', sentences: [expect.stringContaining('insert keys')] })
  })
})

describe('the check', () => {
  it('finds nothing in what the node accepts', () => {
    expect(checkSchema(schemas.network, settings)).toEqual([])
    expect(checkSchema(schemas.app, appSettingsSchema.parse({}))).toEqual([])
  })

  it.each([
    ['network.port', 65536, 'range'],
    ['network.port', '1', 'type'],
    ['network.inPeers', 1.5, 'type'],
    ['role', 'king', 'choice'],
    ['name', ' ', 'length'],
    ['network.listenAddrs', ['nowhere'], 'format'],
    ['network.bootnodes', ['/ip4/192.0.2.1/tcp/30333'], 'format'],
    ['rpc.cors', ['example.org'], 'format'],
    ['log', 'loud', 'format'],
    ['blocksPruning', 'some', 'format'],
    ['statePruning', '-1', 'format'],
    ['sync', 'fast', 'choice'],
    ['network.shoe', 1, 'unknown'],
    ['network.mdns', undefined, 'missing'],
  ])('%s cannot be %j: %s', (path, value, code) => {
    const changed = withValue(settings, path, value)
    expect(checkSchema(schemas.network, JSON.parse(JSON.stringify(changed)))[0]).toMatchObject({ fault: { code } })
    expect(chainSettingsSchema.safeParse(path === 'network.mdns' ? { ...settings, name: '' } : changed).success).toBe(false)
  })

  it.each([
    ['network.listenAddrs', ['/ip4/0.0.0.0/tcp/30333', '/ip6/::/tcp/30334/ws']],
    ['network.bootnodes', ['/dns/example.org/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp']],
    ['rpc.cors', ['*', 'https://example.org']],
    ['log', 'info,babe=trace'],
    ['blocksPruning', 'archive-canonical'],
    ['blocksPruning', '14400'],
    ['statePruning', '256'],
    ['sync', 'full'],
  ])('%s may be %j, here and at the node', (path, value) => {
    const changed = withValue(settings, path, value)
    expect(checkSchema(schemas.network, changed)).toEqual([])
    expect(chainSettingsSchema.safeParse(changed).success).toBe(true)
  })

  it('tells changes by their paths', () => {
    const changed = withValue(settings, 'rpc.port', 1)
    expect(differences(settings, changed)).toEqual([{ path: 'rpc.port', from: 9944, to: 1 }])
    expect(valueAt(changed, 'rpc.port')).toBe(1)
  })
})

describe('the text', () => {
  it('means what JSON.parse says, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const read = readJson(text)
        expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it('accepts nothing that JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', 'a', '1', ' ', '\n', '\\', 't', 'true') }), (text) => {
        const parses = (() => {
          try {
            JSON.parse(text)
            return true
          } catch {
            return false
          }
        })()
        expect(readJson(text).ok).toBe(parses)
      }),
      { numRuns: 2000 },
    )
  })

  it('says where a mistake and where a value is', () => {
    expect(readJson('{\n  "a": 1,\n}')).toEqual({ ok: false, place: { line: 3, column: 1 }, found: '}' })
    expect(readJson('{"a":')).toEqual({ ok: false, place: { line: 1, column: 6 }, found: undefined })
    const read = readJson('{\n  "a": { "b": [1, 2] }\n}')
    expect(read.ok && [read.placeOf(['a', 'b']), read.placeOf(['a', 'b', '1']), read.placeOf(['a', 'missing'])]).toEqual([
      { line: 2, column: 10 },
      { line: 2, column: 19 },
      { line: 2, column: 3 },
    ])
  })
})

describe('the lists of a private network', () => {
  it('are read line by line', () => {
    expect(parseBalances('alice 5\n\n bob  7 ')).toEqual({ ok: true, items: [{ address: 'alice', amount: 5 }, { address: 'bob', amount: 7 }] })
    expect(parseBalances('alice 5\nbob lots')).toEqual({ ok: false, line: 2 })
    expect(parseAuthorities('5G 0x0102')).toEqual({ ok: true, items: [{ stash: '5G', sessionKeys: '0x0102' }] })
    expect(parseAuthorities('5G')).toEqual({ ok: false, line: 1 })
  })
})
