/** What the Settings screen is told of the command line. */
import { expect, it } from 'vitest'
import { NODE_FLAGS } from '../../../node-core/command/flags.ts'
import { nodeChoices } from '../../../node-core/command/node-options.ts'
import { saidFlags } from '../../../node-core/command/said-flags.ts'

const KEY = 'ab'.repeat(32)
const GIVEN = {
  chain: 'local', 'base-path': '/data', bob: true, 'force-authoring': true, 'node-key': KEY, 'no-mdns': true, bootnodes: ['/ip4/192.0.2.1/tcp/1', '/ip4/192.0.2.2/tcp/1'], 'public-addr': ['/ip4/192.0.2.3/tcp/1'],
  'dashboard-port': '9956', 'dashboard-token-file': '/token', 'dashboard-public-url': 'https://ops.example/node', 'keystore-passphrase-file': '/passphrase', 'no-prometheus': true, upnp: true,
} as const

it('names what was given as it is given, and no secret', () => {
  const said = saidFlags(nodeChoices({ ...GIVEN, bootnodes: [...GIVEN.bootnodes], 'public-addr': [...GIVEN['public-addr']] }, () => '/tmp/x'), 'info')
  expect(said).toMatchObject({
    chain: 'local', 'base-path': '/data', bob: 'true', 'force-authoring': 'true', 'no-mdns': 'true', bootnodes: '/ip4/192.0.2.1/tcp/1 /ip4/192.0.2.2/tcp/1', 'public-addr': '/ip4/192.0.2.3/tcp/1',
    'dashboard-port': '9956', 'dashboard-token-file': '/token', 'dashboard-public-url': 'https://ops.example/node/', 'keystore-passphrase-file': '/passphrase', 'no-prometheus': 'true', upnp: 'true', port: '30333', log: 'info',
  })
  expect(Object.keys(said).filter((name) => name !== 'log' && !(name in NODE_FLAGS))).toEqual([])
  expect(Object.keys(said)).not.toContain('reserved-nodes')
  expect(JSON.stringify(said)).not.toContain(KEY)
})
