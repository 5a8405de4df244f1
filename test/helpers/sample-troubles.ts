/** One of each trouble, as the manager tells them. */
import type { Trouble } from '../../node-core/manager/watch/troubles.ts'

export const SAMPLE_TROUBLES = (now: number): readonly Trouble[] => {
  const base = { since: now - 60_000, outlook: undefined }
  return [
    { ...base, code: 'port-in-use', severity: 'trouble', purpose: 'rpc', port: 9944, actions: ['free-port', 'start'] },
    { ...base, code: 'folder-locked', severity: 'trouble', path: '/home/ada/.config/Nodestead/data/chains/nodestead_dev', pid: 4242, actions: ['start'] },
    { ...base, code: 'data-folder', severity: 'trouble', reason: 'gone', path: '/home/ada/.config/Nodestead/data/chains/nodestead_dev', found: undefined, seen: undefined, soleAuthority: true, actions: ['start'] },
    { ...base, code: 'database-unusable', severity: 'trouble', reason: 'damaged', path: '/home/ada/.config/Nodestead/data/chains/nodestead_dev', soleAuthority: true, actions: ['repair', 'set-aside'] },
    { ...base, code: 'database-repaired', severity: 'attention', newest: 48_120, seen: 48_131, kept: '/home/ada/.config/Nodestead/data/chains/nodestead_dev/db.aside-2026-11-21T07-30-00', actions: ['dismiss'] },
    { ...base, code: 'disk-full', severity: 'trouble', freeBytes: 312_000_000, stopBytes: 500_000_000, actions: ['start'] },
    { ...base, code: 'disk-low', severity: 'attention', freeBytes: 2_100_000_000, stopBytes: 500_000_000, actions: ['check'] },
    { ...base, code: 'clock-wrong', severity: 'trouble', offsetMs: -3_600_000, peers: 5, actions: ['time-settings', 'check'] },
    { ...base, code: 'clock-jumped', severity: 'attention', byMs: 7_200_000, actions: ['restart', 'dismiss'] },
    { ...base, code: 'no-peers', severity: 'trouble', actions: ['reconnect'] },
    { ...base, code: 'authoring-alone', severity: 'trouble', authorities: 4, actions: ['reconnect'] },
    { ...base, code: 'authoring-again', severity: 'trouble', until: now + 300_000, actions: ['time-settings', 'check'] },
    { ...base, code: 'signing-record', severity: 'trouble', kind: 'unreadable', path: '/home/ada/.config/Nodestead/data/chains/nodestead_dev/signing-record/77afd6-babe-01.json', actions: ['restart'] },
    { ...base, code: 'signed-elsewhere', severity: 'trouble', found: { kind: 'block', keyType: 'babe', publicKey: `0x${'d4'.repeat(32)}`, at: now - 60_000, number: 48_120, slot: 283_333_340, hash: `0x${'5c'.repeat(32)}` }, actions: ['sole-signer'] },
    { ...base, code: 'not-signing', severity: 'trouble', turns: 5, reason: 'locked', message: '', actions: ['check'] },
    { ...base, code: 'router', severity: 'attention', problem: 'NAT_ROUTER_REFUSED', message: 'The router refused.', hint: 'Allow it.', actions: ['ask-router', 'dismiss'] },
    { ...base, code: 'member-key', severity: 'attention', peer: '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', name: 'Ada', found: '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD', others: 1, path: '/home/ada/peers.json', actions: ['reconnect', 'dismiss'] },
    { ...base, code: 'topology-file', severity: 'attention', path: '/home/ada/peers.json', failure: 'NETWORK_TOPOLOGY_INVALID', message: 'The list of peers /home/ada/peers.json is not usable: it is no JSON.', actions: ['dismiss'] },
    { ...base, code: 'relay-validator', severity: 'attention', actions: ['dismiss'] },
    { ...base, code: 'old-runtime', severity: 'attention', actions: ['dismiss'] },
    { ...base, code: 'runtime-trap', severity: 'trouble', message: 'wasm trap: unreachable', stopped: false, actions: ['restart'] },
    { ...base, code: 'cannot-execute', severity: 'trouble', number: 48_001, peers: 7, message: 'The block leads to another state root.', actions: ['restart'] },
    { ...base, code: 'node-failed', severity: 'trouble', failure: 'INTERNAL', message: 'The worker ended.', hint: undefined, outlook: { kind: 'waiting', attempt: 2, at: now + 3_600_000 }, actions: ['start'] },
  ]
}
