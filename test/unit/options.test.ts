import { describe, expect, it } from 'vitest'
import { describeError } from '../../node-core/base/errors.ts'
import { defaultBasePath, parseCommandLine } from '../../node-core/options.ts'

const parse = (...argv: string[]) => parseCommandLine(argv, () => '/temporary')
const problem = (...argv: string[]) => {
  try {
    parse(...argv)
    return 'no error'
  } catch (error) {
    return describeError(error)
  }
}

describe('parseCommandLine', () => {
  it('takes --dev as Substrate does: dev chain, Alice, a temporary folder', () => {
    expect(parse('--dev')).toMatchObject({
      command: 'run',
      temporary: true,
      options: { chain: 'dev', basePath: '/temporary', account: 'alice', validator: true, forceAuthoring: true, rpc: { port: 9944 }, network: { port: 30333, mdns: true } },
    })
    expect(parse('--dev', '--base-path', '/data', '--bob')).toMatchObject({ temporary: false, options: { basePath: '/data', account: 'bob' } })
  })

  it('reads every flag', () => {
    const { options, log } = parse(
      ...['--chain', 'local', '--base-path', '/d', '--name', 'N', '--charlie', '--force-authoring', '--port', '0', '--rpc-port', '0', '--log', 'info,babe=trace'],
      ...['--node-key', 'ab'.repeat(32), '--no-mdns', '--bootnodes', '/a', '--bootnodes', '/b', '--rpc-cors', 'all'],
      ...['--listen-addr', '/l', '--public-addr', '/p', '--reserved-nodes', '/r', '--reserved-only', '--in-peers', '3', '--out-peers', '4', '--upnp', '--relay-server'],
      ...['--prometheus-port', '0', '--prometheus-external'],
    )
    expect(options).toEqual({
      chain: 'local',
      basePath: '/d',
      name: 'N',
      validator: true,
      account: 'charlie',
      forceAuthoring: true,
      network: {
        port: 0,
        nodeKey: 'ab'.repeat(32),
        mdns: false,
        bootnodes: ['/a', '/b'],
        listenAddrs: ['/l'],
        publicAddrs: ['/p'],
        reservedNodes: ['/r'],
        reservedOnly: true,
        inPeers: 3,
        outPeers: 4,
        upnp: true,
        relayServer: true,
      },
      rpc: { port: 0, cors: ['*'] },
      prometheus: { enabled: true, port: 0, fallback: false, external: true },
    })
    expect(log).toBe('info,babe=trace')
  })

  it('serves metrics at the usual port, or another one where that is taken, unless told not to', () => {
    expect(parse('--dev').options.prometheus).toEqual({ enabled: true, port: 9615, fallback: true, external: false })
    expect(parse('--dev', '--prometheus-port', '9615').options.prometheus.fallback).toBe(false)
    expect(parse('--dev', '--no-prometheus').options.prometheus.enabled).toBe(false)
    expect(problem('--no-prometheus', '--prometheus-port', '1')).toContain('--no-prometheus')
    expect(problem('--prometheus-port', 'x')).toContain('--prometheus-port')
  })

  it('knows its commands', () => {
    expect(parse('build-spec', '--chain', 'local', '--raw')).toMatchObject({ command: 'build-spec', raw: true, options: { chain: 'local' } })
    expect(parse('--help').command).toBe('help')
    expect(parse('-V').command).toBe('version')
  })

  it('leaves a validator flag alone without a development account', () => {
    expect(parse('--validator').options).toMatchObject({ validator: true, account: undefined })
    expect(parse().options).toMatchObject({ validator: false, chain: 'polkadot' })
  })

  it.each([
    [['--in-peers', '-1'], '--in-peers'],
    [['--out-peers', '1001'], '--out-peers takes a number from 0 to 1000, not "1001"'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['fly'], '"fly" is not a command'],
    [['--port', 'abc'], '--port takes a port from 0 to 65535, not "abc"'],
    [['--rpc-port', '70000'], '--rpc-port takes a port'],
    [['--alice', '--bob'], '--alice and --bob exclude each other'],
    [['--tmp', '--base-path', '/x'], '--tmp and --base-path exclude each other'],
    [['--log', 'loud'], '--log: "loud" is not a log filter'],
  ])('%j: %s', (argv, expected) => {
    expect(problem(...argv)).toContain(expected)
    expect(problem(...argv)).toContain('See --help')
  })
})

describe('defaultBasePath', () => {
  it('follows each system', () => {
    expect(defaultBasePath('linux', { XDG_DATA_HOME: '/x' })).toBe('/x/nodestead')
    expect(defaultBasePath('win32', { APPDATA: 'C:\\A' })).toContain('nodestead')
    expect(defaultBasePath('darwin', {})).toContain('Application Support')
  })
})
