import { describe, expect, it } from 'vitest'
import { createLogger, type LogRecord } from '../../../node-core/base/logger.ts'
import { configuredPeers } from '../../../node-core/network/peers/configured.ts'

const GOOD = '/ip4/127.0.0.1/tcp/30333/p2p/12D3KooWQ3fDoZyFhZLTP5KeLnrpUESQvoLPP7oUXgbzWXkv5L2h'

describe('the bootnodes of a chain specification', () => {
  it('are used where they can be, and the others told of once', () => {
    const records: LogRecord[] = []
    const logger = createLogger([(record) => records.push(record)], { default: 'debug' })
    const peers = configuredPeers({ networkBootnodes: ['', 'somewhere', GOOD, '/ip4/127.0.0.1/tcp/30333'] } as unknown as Parameters<typeof configuredPeers>[0], logger)
    expect(peers.map(({ address, reserved }) => [address, reserved])).toEqual([[GOOD, false]])
    expect(records.map(({ level, fields }) => [level, fields?.['count']])).toEqual([['warn', 3]])
  })

  it('must be right where a person gave them', () => {
    const logger = createLogger([], { default: 'debug' })
    expect(() => configuredPeers({ bootnodes: ['somewhere'] } as unknown as Parameters<typeof configuredPeers>[0], logger)).toThrow(expect.objectContaining({ code: 'NETWORK_ADDRESS_INVALID' }))
  })
})
