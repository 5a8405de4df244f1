import { describe, expect, it } from 'vitest'
import { describeError } from '../../../node-core/base/errors.ts'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { RIVALS } from '../../../node-core/command/flags.ts'
import { defaultBasePath } from '../../../node-core/command/base-path.ts'
import { logOf, nodeChoices } from '../../../node-core/command/node-options.ts'
import { readCommandLine } from '../../../node-core/command/reading/command-line.ts'

const read = (...argv: string[]) => readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env: {} })
const parse = (...argv: string[]) => {
  const { values } = read(...argv)
  return { ...nodeChoices(values, () => '/temporary'), log: logOf(values['log'] as string[] | undefined) }
}
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
      temporary: true,
      options: { chain: 'dev', basePath: '/temporary', account: 'alice', validator: true, forceAuthoring: true, rpc: { port: 9944 }, network: { port: 30333, mdns: true } },
    })
    expect(parse('--dev', '--base-path', '/data', '--bob')).toMatchObject({ temporary: false, options: { basePath: '/data', account: 'bob' } })
  })

  it('reads every flag', () => {
    const { options, log } = parse(
      ...['--chain', 'local', '--base-path', '/d', '--name', 'N', '--charlie', '--force-authoring', '--port', '0', '--rpc-port', '0', '--log', 'info,babe=trace'],
      ...['--node-key', 'ab'.repeat(32), '--no-mdns', '--bootnodes', '/a', '--bootnodes', '/b', '--rpc-cors', 'all'],
      ...['--listen-addr', '/l', '--public-addr', '/p', '--reserved-nodes', '/r', '--reserved-only', '--in-peers', '3', '--out-peers', '4', '--download-limit', '800', '--upnp', '--quic', '--relay-server'],
      ...['--prometheus-port', '0', '--prometheus-external', '--sealing', '250', '--finalize-delay-sec', '3', '--force-sealing'],
      ...['--rpc-methods', 'safe', '--rpc-external', '--rpc-max-connections', '1000', '--rpc-max-request-size', '2', '--rpc-max-response-size', '30', '--rpc-rate-limit', '600'],
      ...['--rpc-max-subscriptions-per-connection', '8', '--rpc-message-buffer-capacity-per-connection', '500', '--rpc-max-batch-request-len', '20'],
      ...['--topology-file', '/t.json', '--network-key-file', '/swarm.key', '--net', '--net-keep-for-others', '--net-upload-limit', '5'],
    )
    expect(options).toEqual({
      chain: 'local',
      basePath: '/d',
      name: 'N',
      validator: true,
      account: 'charlie',
      forceAuthoring: true,
      sealing: 250,
      finalizeDelaySec: 3,
      forceSealing: true,
      network: {
        port: 0,
        nodeKey: 'ab'.repeat(32),
        mdns: false,
        bootnodes: ['/a', '/b'],
        listenAddrs: ['/l'],
        publicAddrs: ['/p'],
        reservedNodes: ['/r'],
        reservedOnly: true,
        topologyFile: '/t.json',
        networkKeyFile: '/swarm.key',
        inPeers: 3,
        outPeers: 4,
        downloadLimit: 800,
        uploadLimit: 0,
        upnp: true,
        quic: true,
        relayServer: true,
      },
      rpc: {
        port: 0,
        cors: ['*'],
        methods: 'safe',
        external: true,
        maxConnections: 1000,
        maxRequestSize: 2,
        maxResponseSize: 30,
        maxSubscriptionsPerConnection: 8,
        maxBatch: 20,
        callsPerMinute: 600,
        maxBacklogMessages: 500,
      },
      net: { enabled: true, keepsForOthers: true, uploadLimit: 5, downloadLimit: 0 },
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

  it('opens JSON-RPC as Substrate does, on a validator only to who says so twice', () => {
    expect(parse('--dev').options.rpc).toMatchObject({ methods: 'auto', external: false, maxConnections: 100, maxRequestSize: 15, callsPerMinute: 0, maxBatch: 1000 })
    expect(parse('--rpc-disable-batch-requests').options.rpc.maxBatch).toBe(0)
    // Development keys are nobody's secret.
    expect(parse('--dev', '--rpc-external').options.rpc.external).toBe(true)
    expect(parse('--validator', '--unsafe-rpc-external').options.rpc).toMatchObject({ external: true, methods: 'auto' })
    expect(parse('--validator', '--rpc-external', '--rpc-methods=unsafe').options.rpc).toMatchObject({ external: true, methods: 'unsafe' })
    expect(problem('--validator', '--rpc-external')).toContain('--unsafe-rpc-external')
  })

  it('serves the dashboard where one of its flags is given, and says where its token is kept', () => {
    expect(parse('--dev')).toMatchObject({ servicePort: undefined, serviceTokenFile: undefined })
    expect(parse('--dev', '--service-token-file', '/t')).toMatchObject({ servicePort: 9966, serviceTokenFile: '/t' })
    expect(parse('--dev', '--service-port', '1')).toMatchObject({ servicePort: 1 })
    expect(parse('--dev')).toMatchObject({ dashboardPort: undefined, dashboardTokenFile: undefined })
    expect(parse('--dev', '--dashboard')).toMatchObject({ dashboardPort: 9955, dashboardTokenFile: undefined })
    expect(parse('--dev', '--dashboard-port', '0')).toMatchObject({ dashboardPort: 0 })
    expect(parse('--dev', '--dashboard-token-file', '/t')).toMatchObject({ dashboardPort: 9955, dashboardTokenFile: '/t' })
  })

  it('seals on request, for each transaction, or at a pace, and finalizes by itself where that is said', () => {
    expect(parse('--dev').options.sealing).toBeUndefined()
    expect(parse('--dev', '--sealing', 'manual').options).toMatchObject({ sealing: 'manual', forceSealing: false })
    expect(parse('--dev', '--sealing', 'instant', '--finalize-delay-sec', '0', '--force-sealing').options).toMatchObject({ sealing: 'instant', finalizeDelaySec: 0, forceSealing: true })
    expect(parse('--dev', '--sealing=1500').options).toMatchObject({ sealing: 1500 })
  })

  it('catches up and keeps blocks as it is told, or as the network asks', () => {
    expect(parse('--dev').options).not.toMatchObject({ sync: expect.anything() as unknown })
    expect(parse('--sync', 'full', '--blocks-pruning', 'archive-canonical').options).toMatchObject({ sync: 'full', blocksPruning: 'archive-canonical' })
    expect(parse('--state-pruning=256').options).toMatchObject({ statePruning: 256 })
    expect(parse('--state-pruning', 'archive').options).toMatchObject({ statePruning: 'archive' })
    expect(parse('--sync=warp', '--blocks-pruning=0').options).toMatchObject({ sync: 'warp', blocksPruning: 0 })
  })

  it('knows its commands, and takes flags before their names too', () => {
    expect(read().command.name).toBe('run')
    expect(read('run', '--dev').command.name).toBe('run')
    expect(read('build-spec', '--chain', 'local', '--raw')).toMatchObject({ command: { name: 'build-spec' }, values: { chain: 'local', raw: true } })
    expect(read('--chain', 'local', '--port', '1', 'build-spec')).toMatchObject({ command: { name: 'build-spec' }, values: { chain: 'local', port: '1' } })
    expect(read('--chain', 'local', '--', 'build-spec').command.name).toBe('build-spec')
    expect(read('--help').values).toEqual({ help: true })
    expect(read('-V').values).toEqual({ version: true })
  })

  it('leaves a validator flag alone without a development account', () => {
    expect(parse('--validator').options).toMatchObject({ validator: true, account: undefined })
    expect(parse().options).toMatchObject({ validator: false, chain: 'polkadot' })
  })

  it.each([
    [['--in-peers', '-1'], '--in-peers'],
    [['--upload-limit', 'fast'], '--upload-limit takes kB a second from 0 (no limit) to 1000000, not "fast"'],
    [['--out-peers', '1001'], '--out-peers takes a number from 0 to 1000, not "1001"'],
    [['--sync', 'fast'], '--sync takes full or warp, not "fast"'],
    [['--blocks-pruning', 'none'], '--blocks-pruning takes archive, archive-canonical, or a number of blocks, not "none"'],
    [['--state-pruning', 'all'], '--state-pruning takes archive, archive-canonical, or a number of blocks, not "all"'],
    [['--blocks-pruning', '4294967296'], '--blocks-pruning takes archive'],
    [['--rpc-methods', 'some'], '--rpc-methods takes auto, safe or unsafe, not "some".'],
    [['--rpc-max-connections', '0'], '--rpc-max-connections takes a number from 1 to 65535, not "0".'],
    [['--rpc-max-request-size', '129'], '--rpc-max-request-size takes MiB from 1 to 128, not "129".'],
    [['--rpc-max-response-size', '1.5'], '--rpc-max-response-size takes MiB from 1 to 128, not "1.5".'],
    [['--rpc-rate-limit', '0'], '--rpc-rate-limit takes calls a minute from 1 to 1000000, not "0".'],
    [['--rpc-max-subscriptions-per-connection', 'x'], '--rpc-max-subscriptions-per-connection takes a number from 1 to 65535, not "x".'],
    [['--rpc-disable-batch-requests', '--rpc-max-batch-request-len', '5'], '--rpc-disable-batch-requests and --rpc-max-batch-request-len exclude each other.'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['fly'], '"fly" is not a command'],
    [['--port', 'abc'], '--port takes a port from 0 to 65535, not "abc"'],
    [['--rpc-port', '70000'], '--rpc-port takes a port'],
    [['--alice', '--bob'], '--alice and --bob exclude each other'],
    [['--tmp', '--base-path', '/x'], '--tmp and --base-path exclude each other'],
    [['--log', 'loud'], '--log: "loud" is not a log filter'],
    [['-l', 'babe=off', 'sync=loud'], '--log: "sync=loud" is not a log filter'],
    ...['--name', '--chain', '--base-path', '--log', '--node-key', '--bootnodes', '--rpc-cors', '--keystore-passphrase-file', '--dashboard-token-file', '--port'].flatMap(
      (flag): [string[], string][] => [[[flag, ''], `${flag} must not be empty.`], [[`${flag}=`], `${flag} must not be empty.`], [[flag, ' \t'], `${flag} must not be empty.`]],
    ),
    [['-d', ''], '--base-path must not be empty.'],
    [['--bootnodes', '/a', ''], '--bootnodes must not be empty.'],
    [['--name', 'n'.repeat(65)], '--name has 65 characters; 64 are allowed.'],
    [['--name', '🦉'.repeat(65)], '--name has 65 characters; 64 are allowed.'],
    [['--name', 'two\nlines'], '--name must not have line breaks'],
    [['--name', 'A', '--name', 'B'], '--name is given twice.'],
    [['--name=A', '--name=A'], '--name is given twice.'],
    [['-d', '/a', '--base-path', '/b'], '--base-path is given twice.'],
    [['--dev', '--dev'], '--dev is given twice.'],
    [['--alice', '--alice'], '--alice is given twice.'],
    [['--port', '1', '--port', '2'], '--port is given twice.'],
    [['build-spec', 'build-spec'], '"build-spec" is given twice.'],
    [['--bootnode', '/a'], "Unknown option '--bootnode'; did you mean --bootnodes?"],
    [['--valdiator'], "Unknown option '--valdiator'; did you mean --validator?"],
    // Letters that changed places are one mistake, also in a short word.
    [['--prot', '3'], "Unknown option '--prot'; did you mean --port?"],
    [['--prometheus'], "Unknown option '--prometheus'; did you mean --prometheus-port?"],
    [['-x'], "Unknown option '-x'."],
    [['build-specs'], '"build-specs" is not a command. Did you mean build-spec?'],
    [['build-specs', '--help'], '"build-specs" is not a command. Did you mean build-spec?'],
    [['key'], 'key needs a command; there are key generate, '],
    [['key', 'genrate', '-y'], '"key genrate" is not a command. Did you mean key generate?'],
    [['--name', 'My', 'node'], '"node" is not a command. --name takes one value; one with spaces goes into quotes.'],
    [['--dev', 'now'], '"now" is not a command.'],
    [['--dev=yes'], '--dev takes no value.'],
    [['--chain'], '--chain needs a value.'],
    [['--chain', '--dev'], '--chain needs a value, and --dev looks like a flag. If it is the value, write --chain=--dev'],
    [['--port', '-1'], '--port'],
    [['--port=-1'], '--port takes a port from 0 to 65535, not "-1"'],
    [['--port', '1e3'], '--port takes a port'],
    [['--raw'], '--raw goes with build-spec alone.'],
    [['--disable-default-bootnode'], '--disable-default-bootnode goes with build-spec alone.'],
    [['--tmp', '-d', '/x'], '--tmp and --base-path exclude each other'],
    [['--sealing', 'now'], '--sealing takes manual, instant, or milliseconds from 10 to 3600000, not "now".'],
    [['--sealing', '5'], '--sealing takes manual, instant, or milliseconds from 10 to 3600000, not "5".'],
    [['--sealing=1e3'], '--sealing takes manual, instant, or milliseconds'],
    [['--sealing', 'instant', '--finalize-delay-sec', '-1'], '--finalize-delay-sec'],
    [['--sealing', 'instant', '--finalize-delay-sec', '86401'], '--finalize-delay-sec takes seconds from 0 to 86400, not "86401".'],
    [['--finalize-delay-sec', '0'], '--finalize-delay-sec goes with --sealing alone.'],
    [['--net-keep-for-others'], '--net-keep-for-others goes with --net alone.'],
    [['--net-upload-limit', '1'], '--net-upload-limit goes with --net alone.'],
    [['--force-sealing'], '--force-sealing goes with --sealing alone.'],
  ] as [string[], string][])('%j: %s', (argv, expected) => {
    expect(problem(...argv)).toContain(expected)
    expect(problem(...argv)).toContain('See --help')
    // A sentence for a person, not a validator's list.
    expect(problem(...argv)).not.toMatch(/[{}[\]]|\n|"code"|"path"/)
  })

  it('takes several values for flags that may have them, in one go or repeated', () => {
    const { network } = parse('--bootnodes', '/a', '/b', '--reserved-nodes', '/r', '/s', '--bootnodes', '/c', '--listen-addr=/l', '--listen-addr=/m', '--dev').options
    expect(network).toMatchObject({ bootnodes: ['/a', '/b', '/c'], reservedNodes: ['/r', '/s'], listenAddrs: ['/l', '/m'] })
  })

  it('takes the help of several commands of one word for that of the word', () => {
    for (const flag of ['--help', '-h']) expect(read('key', flag)).toMatchObject({ command: { name: 'help' }, words: ['key'] })
    expect(read('key', 'list', '--help')).toMatchObject({ command: { name: 'key list' }, values: { help: true } })
  })

  it('takes one value behind =, so that a word of the command may follow', () => {
    expect(read('completion', '--log=info', 'bash')).toMatchObject({ words: ['bash'], values: { log: ['info'] } })
    expect(problem('--bootnodes=/a', '/b')).toContain('"/b" is not a command.')
  })

  it.each([
    [['-l', 'babe=off'], 'babe=off'],
    [['-lbabe=off'], 'babe=off'],
    [['-l=babe=off'], 'babe=off'],
    [['--log=off'], 'off'],
    [['-l', 'info', '-l', 'babe=off,rpc=TRACE'], 'info,babe=off,rpc=TRACE'],
    [['--log', 'warn', 'sub-libp2p=debug', '--dev'], 'warn,sub-libp2p=debug'],
  ])('understands %j', (argv, log) => {
    expect(parse(...argv).log).toBe(log)
  })

  it('takes 64 characters for a name, however they are encoded, and port 0', () => {
    expect(parse('--name', '🦉'.repeat(64)).options.name).toBe('🦉'.repeat(64))
    expect(parse('--name', 'My node').options.name).toBe('My node')
    expect(parse('--port', '0', '--rpc-port=0').options).toMatchObject({ network: { port: 0 }, rpc: { port: 0 } })
  })
})

describe('defaultBasePath', () => {
  it('follows each system', () => {
    expect(defaultBasePath('linux', { XDG_DATA_HOME: '/x' })).toBe('/x/nodestead')
    expect(defaultBasePath('win32', { APPDATA: 'C:\\A' })).toContain('nodestead')
    expect(defaultBasePath('darwin', {})).toContain('Application Support')
  })
})
