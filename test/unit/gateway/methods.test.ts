import { describe, expect, it } from 'vitest'
import { chosenMethods } from '../../../node-core/gateway/methods/chosen.ts'
import { JSON_RPC_METHODS } from '../../../node-core/gateway/methods/json-rpc.ts'
import { SERVICE_METHODS, STREAMING_METHODS } from '../../../node-core/gateway/methods/service.ts'

const refusedWith = (code: string) => expect.objectContaining({ code }) as Error
const none = { allowed: [], denied: [] }

describe.each([['JSON-RPC', JSON_RPC_METHODS], ['the service API', SERVICE_METHODS]] as const)('methods of %s', (_, known) => {
  it('are each in one list', () => {
    const all = [...known.usual, ...known.further, ...Object.keys(known.refused)]
    expect(new Set(all).size).toBe(all.length)
  })

  it('that no gateway serves cannot be put onto the list, by name or by a pattern', () => {
    for (const name of Object.keys(known.refused)) {
      expect(() => chosenMethods(known, { allowed: [name], denied: [] })).toThrow(refusedWith('GATEWAY_METHOD_REFUSED'))
      const everything = chosenMethods(known, { allowed: ['*'], denied: [] })
      expect(everything.has(name)).toBe(false)
    }
    expect(chosenMethods(known, { allowed: ['*'], denied: [] }).size).toBe(known.usual.length + known.further.length)
  })

  it('are the usual ones, with what is allowed and without what is denied', () => {
    const [further = ''] = known.further
    const [usual = ''] = known.usual
    expect([...chosenMethods(known, none)]).toEqual(known.usual)
    expect(chosenMethods(known, { allowed: [further], denied: [usual] })).toEqual(new Set([...known.usual.slice(1), further]))
    expect(() => chosenMethods(known, { allowed: ['no_suchMethod'], denied: [] })).toThrow(refusedWith('GATEWAY_METHOD_UNKNOWN'))
    expect(() => chosenMethods(known, { allowed: [], denied: ['no_such*'] })).toThrow(refusedWith('GATEWAY_METHOD_UNKNOWN'))
  })
})

it('of the service API, what reads a chain and hands in transactions is served, and nothing that controls or administers', () => {
  expect(SERVICE_METHODS.usual).toContain('nodestead.v1.Chain/WatchBlocks')
  expect(SERVICE_METHODS.usual).toContain('nodestead.v1.Transaction/Submit')
  expect(SERVICE_METHODS.further).toContain('nodestead.v1.Peers/ListPeers')
  expect(SERVICE_METHODS.further).toContain('nodestead.v1.Account/Keys')
  for (const name of ['nodestead.v1.Node/Stop', 'nodestead.v1.Node/UpdateSettings', 'nodestead.v1.Peers/Ban', 'nodestead.v1.Admin/ImportKey', 'nodestead.v1.Admin/SupportBundle']) expect(Object.keys(SERVICE_METHODS.refused)).toContain(name)
  expect([...SERVICE_METHODS.usual, ...SERVICE_METHODS.further].filter((name) => name.includes('.Admin/'))).toEqual([])
  expect(STREAMING_METHODS.has('nodestead.v1.Chain/WatchBlocks')).toBe(true)
})
