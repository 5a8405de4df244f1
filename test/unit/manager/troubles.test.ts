import { describe, expect, it } from 'vitest'
import type { AuthoringHold } from '../../../node-core/chain/core/types.ts'
import { PATIENCE_MS, type Failure } from '../../../node-core/manager/kinds/trouble.ts'
import { chainTroubles, explainFailure, type ChainFacts } from '../../../node-core/manager/kinds/chain/troubles.ts'
import { DISK_LIMITS, findTroubles, type TroubleFacts } from '../../../node-core/manager/watch/troubles.ts'

type Facts = TroubleFacts & ChainFacts

const WELL: Facts = {
  isRunning: true,
  failure: undefined,
  freeBytes: 64e9,
  clock: { offsetMs: 0, peers: 3 },
  jumpMs: undefined,
  aloneForMs: undefined,
  nat: { status: 'verified', mappings: [], reachable: true },
  dataPath: '/data/dev',
  sync: undefined,
  authoring: undefined,
  hold: undefined,
  slotDurationMs: 6000,
  signing: undefined,
  silence: undefined,
  elsewhere: undefined,
  oldRuntime: false,
  validatorRefused: false,
  isPublic: true,
  canChangePorts: true,
  canOpenTimeSettings: true,
}

function find(change: Partial<Facts>) {
  const facts = { ...WELL, ...change }
  return findTroubles(facts, { explain: (failure) => explainFailure(failure, '/data/dev'), troubles: (common) => chainTroubles(common, facts) })
}
const failed = (code: string, data: Failure['data'] = {}, change: Partial<Facts> = {}) =>
  find({ isRunning: false, failure: { code, message: 'It failed.', hint: 'Do this.', data }, ...change })

it('a network on the runtime of before is told, can be put aside, and is no trouble', () => {
  expect(find({ oldRuntime: true })).toEqual([{ code: 'old-runtime', severity: 'attention', actions: ['dismiss'] }])
  expect(find({ oldRuntime: true, isRunning: false })).toEqual([])
})

it('a validator of a live relay chain is told that it does not validate', () => {
  expect(find({ validatorRefused: true })).toEqual([{ code: 'relay-validator', severity: 'attention', actions: ['dismiss'] }])
})

describe('a node that is well', () => {
  it('has no trouble, running or not', () => {
    expect(find({})).toEqual([])
    expect(find({ isRunning: false, freeBytes: undefined })).toEqual([])
    expect(find({ aloneForMs: PATIENCE_MS - 1, clock: undefined, nat: undefined })).toEqual([])
  })
})

describe('a node that failed', () => {
  it.each([
    ['RPC_PORT_IN_USE', { port: 9944 }, { code: 'port-in-use', purpose: 'rpc', port: 9944, actions: ['free-port', 'start'] }],
    ['NETWORK_PORT_IN_USE', { port: 30333 }, { code: 'port-in-use', purpose: 'peers', port: 30333 }],
    ['METRICS_PORT_IN_USE', {}, { code: 'port-in-use', purpose: 'metrics', port: undefined }],
    ['STATE_DB_LOCKED', { pid: 42 }, { code: 'folder-locked', pid: 42, path: '/data/dev', actions: ['start'] }],
    ['STATE_DB_CORRUPT', {}, { code: 'database-unusable', reason: 'damaged', actions: ['repair', 'set-aside'] }],
    ['STATE_DB_BEYOND_REPAIR', {}, { code: 'database-unusable', reason: 'beyond-repair', actions: ['set-aside', 'start'] }],
    ['STATE_DB_FAILED', {}, { code: 'database-unusable', reason: 'failed', actions: ['start', 'repair', 'set-aside'] }],
    ['TRIE_MISSING_NODE', {}, { code: 'database-unusable', reason: 'damaged' }],
    ['STATE_DB_DENIED', { path: '/data/dev/db' }, { code: 'data-folder', reason: 'denied', path: '/data/dev/db', actions: ['start'] }],
    ['DATA_FOLDER_GONE', { path: '/data/dev' }, { code: 'data-folder', reason: 'gone', path: '/data/dev' }],
    ['STATE_OLDER_THAN_SEEN', { path: '/data/dev', found: 4, seen: 9 }, { code: 'data-folder', reason: 'older', found: 4, seen: 9 }],
    ['RUNTIME_INVALID_CODE', {}, { code: 'node-failed' }],
    ['STATE_DB_VERSION', {}, { code: 'database-unusable', reason: 'other-version' }],
    ['STATE_WRONG_GENESIS', {}, { code: 'database-unusable', reason: 'other-chain' }],
    ['RUNTIME_TRAP', {}, { code: 'runtime-trap', stopped: true, message: 'It failed.' }],
    ['INTERNAL', {}, { code: 'node-failed', failure: 'INTERNAL', message: 'It failed.', hint: 'Do this.', actions: ['start'] }],
  ])('by %s', (code, data, expected) => {
    expect(failed(code, data)).toMatchObject([{ severity: 'trouble', ...expected }])
  })

  it('is offered no other port where ports come from the command line', () => {
    expect(failed('RPC_PORT_IN_USE', {}, { canChangePorts: false })[0]?.actions).toEqual(['start'])
  })

  it('on a full disk says so once', () => {
    expect(failed('DISK_FULL', {}, { freeBytes: 1e8 })).toMatchObject([{ code: 'disk-full', freeBytes: 1e8, stopBytes: DISK_LIMITS.stopBytes }])
  })
})

describe('a node alone', () => {
  it('is told by whose network it is: strangers are found in the internet, members are not', () => {
    expect(find({ aloneForMs: PATIENCE_MS })).toEqual([{ code: 'no-peers', severity: 'trouble', actions: ['reconnect'] }])
    expect(find({ aloneForMs: PATIENCE_MS, isPublic: false })).toEqual([{ code: 'no-peers', severity: 'trouble', actions: ['reconnect'], own: true }])
  })
})

describe('a node that runs', () => {
  it.each([
    [{ freeBytes: 4_999_999_999 }, { code: 'disk-low', severity: 'attention', freeBytes: 4_990_000_000 }],
    [{ clock: { offsetMs: -3_600_400, peers: 2 } }, { code: 'clock-wrong', severity: 'trouble', offsetMs: -3_600_000, peers: 2, actions: ['time-settings', 'check'] }],
    [{ jumpMs: 7_200_000 }, { code: 'clock-jumped', severity: 'attention', byMs: 7_200_000, actions: ['restart', 'dismiss'] }],
    [{ aloneForMs: PATIENCE_MS }, { code: 'no-peers', actions: ['reconnect'] }],
    [
      { nat: { status: 'failed', mappings: [], reachable: false, problem: { code: 'NAT_ROUTER_REFUSED', message: 'No.', hint: 'Allow it.' } } },
      { code: 'router', severity: 'attention', problem: 'NAT_ROUTER_REFUSED', message: 'No.', hint: 'Allow it.' },
    ],
    [{ authoring: { code: 'RUNTIME_TRAP', message: 'unreachable' } }, { code: 'runtime-trap', stopped: false, message: 'unreachable', actions: ['restart'] }],
  ] as const)('%j', (change, expected) => {
    expect(find(change as Partial<Facts>)).toMatchObject([expected])
  })

  it('tells of a block that it cannot execute and peers hold, and of that alone', () => {
    const refused = { hash: `0x${'11'.repeat(32)}`, number: 101, code: 'RUNTIME_TRAP', message: 'unreachable', peers: 3, since: 5 } as const
    const sync = { stalled: { reason: 'blocks-do-not-execute', forMs: 60_000 }, refused } as unknown as Facts['sync']
    expect(find({ sync })).toEqual([{ code: 'cannot-execute', severity: 'trouble', number: 101, peers: 3, message: 'unreachable', actions: ['restart'] }])
  })

  it('offers no settings of the time where nobody could open them', () => {
    expect(find({ clock: { offsetMs: 120_000, peers: 1 }, canOpenTimeSettings: false })[0]?.actions).toEqual(['check'])
  })

  it('tells the worst first', () => {
    const codes = find({ freeBytes: 1e9, aloneForMs: PATIENCE_MS, jumpMs: 20_000 }).map(({ code }) => code)
    expect(codes).toEqual(['no-peers', 'clock-jumped', 'disk-low'])
  })

  it('that may not author for long says why, and then not that it has no peers', () => {
    const held = (reason: AuthoringHold, forMs: number) => find({ hold: { reason, forMs }, aloneForMs: PATIENCE_MS })
    const alone: AuthoringHold = { kind: 'alone', authorities: 2 }
    expect(held(alone, PATIENCE_MS - 1)).toMatchObject([{ code: 'no-peers' }])
    expect(held(alone, PATIENCE_MS)).toEqual([{ code: 'authoring-alone', severity: 'trouble', authorities: 2, actions: ['reconnect'] }])
    expect(held({ kind: 'clock-behind', untilSlot: 100 }, PATIENCE_MS)[0]).toEqual({ code: 'authoring-again', severity: 'trouble', until: 600_000, actions: ['time-settings', 'check'] })
    expect(held({ kind: 'syncing' }, PATIENCE_MS)).toMatchObject([{ code: 'no-peers' }])
    expect(find({ isRunning: false, hold: { reason: alone, forMs: PATIENCE_MS } })).toEqual([])
  })

  it('that cannot use the record of what its keys signed says where it is', () => {
    expect(find({ signing: { kind: 'unreadable', path: '/p' } })).toEqual([{ code: 'signing-record', severity: 'trouble', kind: 'unreadable', path: '/p', actions: ['restart'] }])
    expect(find({ signing: { kind: 'unwritable', path: '/p' } })[0]?.actions).toEqual(['check'])
  })

  it('whose key signs on another computer tells what was signed there, first of all, and is mended by a person alone', () => {
    const found = { kind: 'vote', keyType: 'gran', publicKey: `0x${'01'.repeat(32)}`, at: 5, number: 9, setId: 0, round: 4 } as const
    const held = { hold: { reason: { kind: 'signed-elsewhere' }, forMs: PATIENCE_MS }, aloneForMs: PATIENCE_MS } as const
    expect(find({ ...held, elsewhere: found }).map(({ code }) => code)).toEqual(['signed-elsewhere', 'no-peers'])
    expect(find({ elsewhere: found })).toEqual([{ code: 'signed-elsewhere', severity: 'trouble', found, actions: ['sole-signer'] }])
    expect(find({ elsewhere: 'unreadable' })[0]).toMatchObject({ found: undefined })
  })

  it('that has stopped signing says so and why, unless something else has the card for it', () => {
    const silent = (change: Partial<Facts>) => find({ silence: { turns: 4, locked: false }, ...change })
    expect(silent({})).toEqual([{ code: 'not-signing', severity: 'trouble', turns: 4, reason: 'unknown', message: '', actions: ['restart'] }])
    expect(silent({ silence: { turns: 3, locked: true } })[0]).toMatchObject({ reason: 'locked', actions: ['check'] })
    expect(silent({ authoring: { code: 'QUEUE_FULL', message: 'busy' } })[0]).toMatchObject({ reason: 'failed', message: 'busy' })
    expect(silent({ signing: { kind: 'unwritable', path: '/p' } }).map(({ code }) => code)).toEqual(['signing-record'])
    expect(silent({ hold: { reason: { kind: 'listening', untilSlot: 2 }, forMs: 1 } })).toEqual([])
  })

  it('does not take a fault of authoring for a trap', () => {
    expect(find({ authoring: { code: 'QUEUE_FULL', message: 'busy' } })).toEqual([])
  })
})

describe('a fixed topology', () => {
  const members = (failure: object | undefined) => ({ path: '/peers.json', problem: undefined, members: [{ id: 'a', addresses: [], connected: true }, { id: 'b', name: 'Bob', addresses: [], connected: false, failure: failure as never }, { id: 'c', addresses: [], connected: false, failure: failure as never }] })

  it('tells of a member where somebody with another key answers, and not of one that is merely away', () => {
    expect(find({ topology: members({ code: 'NETWORK_DIAL_OTHER_PEER', at: 1, nextAt: 2, found: 'x' }) })).toEqual([{ code: 'member-key', severity: 'attention', peer: 'b', name: 'Bob', found: 'x', others: 1, path: '/peers.json', actions: ['reconnect', 'dismiss'] }])
    for (const failure of [undefined, { code: 'NETWORK_DIAL_REFUSED', at: 1, nextAt: 2 }]) expect(find({ topology: members(failure) })).toEqual([])
  })

  it('tells of a file that is not usable any more', () => {
    const topology = { path: '/peers.json', members: [], problem: { code: 'NETWORK_TOPOLOGY_INVALID', message: 'It is no JSON.' } }
    expect(find({ topology })).toEqual([{ code: 'topology-file', severity: 'attention', path: '/peers.json', failure: 'NETWORK_TOPOLOGY_INVALID', message: 'It is no JSON.', actions: ['dismiss'] }])
    expect(find({ topology, isRunning: false })).toEqual([])
  })
})

describe('a port in use', () => {
  const portHolder = (port: number): string | undefined => (port === 9944 ? 'My network' : undefined)

  it('is told as another network of this app, where it is that', () => {
    expect(failed('RPC_PORT_IN_USE', { port: 9944 }, { portHolder })).toMatchObject([{ code: 'port-in-use', network: 'My network' }])
    expect(failed('NETWORK_PORT_IN_USE', { port: 30333 }, { portHolder })[0]).not.toHaveProperty('network')
  })
})

describe('a database', () => {
  const failure = { code: 'RUNTIME_INVALID_CODE', message: 'It is no Wasm.', hint: undefined, data: {} }

  it('is damaged where the runtime that ran before does not read any more', () => {
    expect(explainFailure(failure, '/data/dev', true)).toMatchObject({ code: 'database-unusable', reason: 'damaged', actions: ['repair', 'set-aside'] })
    expect(explainFailure(failure, '/data/dev', false)).toBeUndefined()
  })

  it('that turns out to be damaged while the node runs is told before anything that follows from it', () => {
    expect(find({ authoring: { code: 'LEVEL_CORRUPTION', message: 'bad entry in block' } })).toMatchObject([{ code: 'database-unusable', reason: 'damaged', path: '/data/dev' }])
  })

  it('that nobody else has is said to be so', () => {
    expect(failed('STATE_DB_CORRUPT', {}, { soleAuthority: true })).toMatchObject([{ soleAuthority: true }])
    expect(failed('DATA_FOLDER_GONE', { path: '/data/dev' }, { soleAuthority: true })).toMatchObject([{ soleAuthority: true }])
  })

  it('that was repaired is told until that was read', () => {
    const repair = { kept: '/data/dev/db.aside', newest: 12, seen: 16 }
    expect(find({ repair })).toEqual([{ code: 'database-repaired', severity: 'attention', ...repair, actions: ['dismiss'] }])
    expect(find({ repair, isRunning: false })).toEqual([])
  })
})
