/** Which hint a screen shows, and that none comes back. */
import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import { ALL_HINTS, hintFor, type Seen } from '../../../renderer/text/hints.ts'
import type { SyncStatus } from '../../../node-core/chain/sync/types.ts'
import type { NodeStatus } from '../../../node-core/manager/types.ts'
import { chainDetails } from '../../helpers/chain-status.ts'

const HASH = `0x${'ab'.repeat(32)}` as const

function running(change: Partial<NodeStatus> = {}): NodeStatus {
  return {
    state: 'running', failure: undefined, chainName: 'Local', newest: { number: 7, hash: HASH }, settled: { number: 5, hash: HASH }, peers: 3,
    startedAt: 1, newestChangedAt: 2, producing: true, intervalMs: 6000, dataPath: '/data', details: chainDetails({ genesisHash: HASH }), ...change,
  }
}

function sync(change: Partial<SyncStatus>): SyncStatus {
  return { state: 'idle', peers: 2, ...change } as SyncStatus
}

const idOf = (screen: Parameters<typeof hintFor>[0], seen: Seen, dismissed: readonly string[] = []): string | undefined => hintFor(screen, seen, dismissed)?.id
const finality = (change: Partial<NodeStatus>): string | undefined => hintFor('blocks', { status: running(change) }, [])?.text
const at = (number: number) => ({ number, hash: HASH })

afterEach(() => useLanguage('en'))

describe('a hint', () => {
  it('is the first of its screen that explains what is seen, and the next once that is dismissed', () => {
    const seen = { status: running() }
    expect(idOf('overview', seen)).toBe('peer')
    expect(idOf('overview', seen, ['peer'])).toBe('finality')
    expect(idOf('overview', seen, ['peer', 'finality'])).toBe('slot')
    expect(idOf('overview', seen, ['slot', 'peer', 'finality'])).toBeUndefined()
  })

  it('that was dismissed on one screen stays away from the others', () => {
    expect(idOf('peers', { status: running() })).toBe('peer')
    expect(idOf('peers', { status: running() }, ['peer'])).toBe('direction')
    expect(idOf('blocks', { status: running(), lanes: 2 }, ['finality'])).toBe('fork')
  })

  it('is not shown by a node that does not run, after all were dismissed, and before it is known which were', () => {
    for (const screen of ['overview', 'peers', 'sync', 'blocks'] as const) {
      expect(idOf(screen, { status: undefined })).toBeUndefined()
      expect(idOf(screen, { status: running({ state: 'stopped' }), lanes: 2, sync: sync({}) })).toBeUndefined()
      expect(idOf(screen, { status: running(), lanes: 2, sync: sync({}) }, [ALL_HINTS])).toBeUndefined()
      expect(hintFor(screen, { status: running(), lanes: 2, sync: sync({}) }, undefined)).toBeUndefined()
    }
  })

  it('does not give way to another while it fits', () => {
    expect(hintFor('overview', { status: running({ peers: 3 }) }, [], 'finality')?.id).toBe('finality')
    expect(hintFor('overview', { status: running({ peers: 3, newest: at(99) }) }, [], 'finality')?.id).toBe('peer')
    expect(hintFor('overview', { status: running() }, ['finality'], 'finality')?.id).toBe('peer')
  })

  it('of peers waits for a peer', () => {
    expect(idOf('overview', { status: running({ peers: 0 }) })).toBe('finality')
    expect(idOf('peers', { status: running({ peers: 0 }) })).toBeUndefined()
  })

  it('of finality says how far it is behind', () => {
    expect(finality({})).toBe('Finality is 2 blocks behind: authorities vote on a block after it is produced.')
    expect(finality({ settled: at(6) })).toContain('1 block behind')
    expect(finality({ settled: at(7) })).toContain('has reached the best block')
    useLanguage('de')
    expect(finality({})).toContain('liegt 2 Blöcke zurück')
    useLanguage('es')
    expect(finality({ settled: at(6) })).toContain('va 1 bloque por detrás')
  })

  it('of finality explains none that is late, none that has not begun, and none while the node catches up', () => {
    expect(finality({ newest: at(25) })).toContain('20 blocks')
    expect(finality({ newest: at(26) })).toBeUndefined()
    expect(finality({ settled: at(0) })).toBeUndefined()
    expect(finality({ settled: undefined })).toBeUndefined()
    expect(finality({ catchingUp: { highest: 90, msLeft: undefined } })).toBeUndefined()
  })

  it('of slots is for a node that produces blocks in them', () => {
    const slot = (change: Partial<NodeStatus>) => hintFor('overview', { status: running(change) }, ['peer', 'finality'])?.text
    expect(slot({})).toContain('slots of 6 s')
    expect(slot({ producing: false })).toBeUndefined()
    expect(slot({ settled: at(0) })).toBeUndefined()
    expect(slot({ intervalMs: undefined })).toBeUndefined()
    expect(slot({ details: chainDetails({ genesisHash: HASH, sealing: 'instant' }) })).toBeUndefined()
  })

  it('of the sync says what its stage means, and nothing of a node without peers', () => {
    const status = running()
    expect(idOf('sync', { status, sync: sync({ state: 'major-sync' }) })).toBe('catching-up')
    expect(idOf('sync', { status, sync: sync({ state: 'idle' }) })).toBe('up-to-date')
    expect(idOf('sync', { status, sync: sync({ state: 'idle', peers: 0 }) })).toBeUndefined()
    expect(idOf('sync', { status, sync: sync({ state: 'syncing' }) })).toBeUndefined()
  })

  it('of forks waits for one', () => {
    expect(idOf('blocks', { status: running(), lanes: 1 }, ['finality'])).toBeUndefined()
  })
})
