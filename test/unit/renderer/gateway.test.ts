/** The gateway's card in words: what is typed, what is wrong with it, and how the gateway is. */
import { afterEach, describe, expect, it } from 'vitest'
import { en } from '../../../renderer/i18n/en/index.ts'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { choiceOf, faultsOf, fieldsOf, limitOf, limitText, placeOf, stateOf } from '../../../renderer/text/gateway.ts'
import { GATEWAY_OFF } from '../../../node-core/gateway/control.ts'

afterEach(() => void useLanguage('en'))

const fields = fieldsOf({ ...GATEWAY_OFF, network: 'gone', origins: ['https://app.example', '*'] }, ['dev', 'westend'], 'westend')

describe('what is typed', () => {
  it('is what is kept, and back; a network that is gone gives way to the one on screen', () => {
    expect(fields).toMatchObject({ network: 'westend', port: '8443', origins: 'https://app.example\n*' })
    const { isOn: _, ...kept } = GATEWAY_OFF
    expect(choiceOf({ ...fields, host: ' 127.0.0.1 ', origins: 'https://app.example \n\n' })).toEqual({ ...kept, network: 'westend', origins: ['https://app.example'] })
  })

  it.each([
    [{}, {}],
    [{ host: 'node.example' }, { host: en.gateway.hostFault }],
    [{ host: '0.0.0.0' }, { host: en.gateway.tlsFault }],
    [{ host: '0.0.0.0', cert: '/c', key: '/k' }, {}],
    [{ host: '::1' }, {}],
    [{ cert: '/c' }, { key: en.gateway.pairFault }],
    [{ key: '/k' }, { cert: en.gateway.pairFault }],
    [{ port: '70000' }, { port: en.gateway.portFault }],
    [{ publicUrl: 'node.example' }, { publicUrl: en.gateway.publicUrlFault }],
    [{ origins: 'https://a.example\nb.example/x' }, { origins: en.gateway.originsFault('b.example/x') }],
  ])('%j', (change, faults) => {
    expect(faultsOf({ ...fields, ...change })).toEqual(faults)
  })

  it('says where clients are going to find it', () => {
    expect(placeOf(fields)).toBe('http://127.0.0.1:8443/')
    expect(placeOf({ ...fields, host: '::', cert: '/c', key: '/k' })).toBe('https://[::]:8443/')
    expect(placeOf({ ...fields, publicUrl: 'https://node.example/rpc/' })).toBe('https://node.example/rpc/')
  })
})

it('says how it is, and what is to be done', () => {
  const key = { name: 'a', created: 0 }
  const problem = { code: 'GATEWAY_PORT_IN_USE', message: 'The port is taken.', hint: 'Choose another.', data: { host: '127.0.0.1', port: 8443 } }
  const { states, nodes, noKey } = en.gateway
  expect(stateOf({ phase: 'off', node: undefined, problem: undefined, keys: [] }, 'Dev')).toEqual({ tone: 'off', sentence: states.off })
  expect(stateOf({ phase: 'serving', node: 'ready', problem: undefined, keys: [key] }, 'Dev')).toEqual({ tone: 'well', sentence: 'Serving Dev.' })
  expect(stateOf({ phase: 'serving', node: 'unreachable', problem: undefined, keys: [] }, 'Dev')).toEqual({ tone: 'attention', sentence: `Serving Dev. ${nodes.unreachable} ${noKey}` })
  expect(stateOf({ phase: 'draining', node: 'stopping', problem: undefined, keys: [] }, 'Dev').tone).toBe('busy')
  expect(stateOf({ phase: 'failed', node: undefined, problem, keys: [] }, 'Dev')).toEqual({ tone: 'trouble', sentence: `${states.failed} The port is taken. Choose another.` })
  useLanguage('de')
  expect(stateOf({ phase: 'failed', node: undefined, problem, keys: [] }, 'Dev').sentence).toContain('Ein anderes Programm verwendet Port 8443 von 127.0.0.1.')
})

it('limits of a key: a number of requests, or none', () => {
  expect([limitOf(' 600 '), limitOf(''), limitOf('0').fault, limitOf('many').fault]).toEqual([{ limit: 600, fault: undefined }, { limit: undefined, fault: undefined }, en.gateway.limitFault, en.gateway.limitFault])
  expect([limitText({ perMinute: 600, perDay: 100_000 }), limitText({})]).toEqual(['600 per minute, 100,000 per day', en.gateway.noLimit])
})
