/** The palette has every action by its name, with its key where it has one. */
import { afterEach, describe, expect, it } from 'vitest'
import { useLanguage } from '../../../renderer/i18n/language.ts'
import type { CommandTargets } from '../../../renderer/services/command-types.ts'
import { commands } from '../../../renderer/services/commands.ts'
import { SCREENS } from '../../../renderer/text/screens.ts'
import { chainSettingsSchema } from '../../../node-core/manager/kinds/chain/profile.ts'
import type { NetworkSummary, NodeState } from '../../../node-core/manager/types.ts'
import { chainDetails } from '../../helpers/chain-status.ts'

const HASH = `0x${'ab'.repeat(32)}` as const

function network(id: string, state: NodeState): NetworkSummary {
  const details = chainDetails({ genesisHash: HASH, rpcAddress: 'ws://127.0.0.1:9944' })
  return {
    id, name: id, kind: 'chain', screens: ['sync', 'blocks', 'keys'],
    status: { state, failure: undefined, chainName: id, newest: { number: 7, hash: HASH }, settled: { number: 5, hash: HASH }, peers: 0, startedAt: 1, newestChangedAt: 2, producing: true, intervalMs: 6000, dataPath: '/data', details: state === 'running' ? details : undefined },
  }
}

/** What the palette is made of, and what was asked of it. */
function setUp(states: Readonly<Record<string, NodeState>>) {
  const asked: string[] = []
  const list = Object.entries(states).map(([id, state]) => network(id, state))
  const profile = { id: list[0]?.id, kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder: '/data', settings: chainSettingsSchema.parse({ name: 'dev', account: 'alice' }) }
  const targets = {
    dashboard: {
      networks: { list, selected: list[0], select: (id: string) => asked.push(`select ${id}`) },
      profiles: { editable: true, of: () => ({ profile, development: true, sealable: true, canValidate: true }) },
      remote: { available: false }, updates: { state: null }, app: { host: 'desktop' },
      attempt: (task: () => Promise<unknown>) => task(),
    },
    nodeActions: { run: (action: string) => asked.push(action), runOn: (action: string, id: string) => asked.push(`${action} ${id}`), runAll: (action: string, some: readonly { id: string }[]) => asked.push(`${action} ${some.map(({ id }) => id).join('+')}`) },
    navigation: { screens: SCREENS, current: 'overview', go: (screen: string, target?: { kind: string }) => asked.push(`go ${screen} ${target?.kind ?? ''}`.trim()), showAll: () => asked.push('all') },
    language: { current: 'en', choose: (id: string) => asked.push(`language ${id}`) },
    setup: { available: true, again: () => asked.push('setup') },
    preferences: { app: { theme: 'system' }, dismissedHints: ['peer'], showHintsAgain: async () => asked.push('hints'), change: async (change: { theme: string }) => asked.push(`theme ${change.theme}`) },
    client: {}, showKeys: () => asked.push('keys'),
  } as unknown as CommandTargets
  const all = commands(targets)
  return { all, asked, run: (id: string) => all.find((command) => command.id === id)?.run() }
}

afterEach(() => useLanguage('en'))

describe('the palette', () => {
  it('has every action of the app, its networks and its node', () => {
    const { all } = setUp({ dev: 'running', local: 'stopped', westend: 'running' })
    const ids = all.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining([
      'stop', 'restart', 'start-local', 'stop-westend', 'restart-westend', 'start-all', 'stop-all', 'all-networks', 'network-local', 'network-westend',
      ...SCREENS.map(({ id }) => `go-${id}`),
      'copy-rpc', 'copy-peer-id', 'copy-address', 'copy-best', 'copy-finalized', 'copy-genesis', 'copy-folder',
      'connect', 'bans', 'add-network', 'export', 'share', 'duplicate', 'data', 'open-folder', 'auto-start', 'support-bundle', 'reset', 'second-node', 'polkadot-js', 'setup',
      'language-de', 'language-es', 'theme-light', 'theme-dark', 'hints', 'keys', 'quit',
    ]))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('offers what makes sense now, and no second way to what one network has already', () => {
    const ids = setUp({ dev: 'stopped' }).all.map(({ id }) => id)
    expect(ids).toContain('start')
    for (const absent of ['stop', 'restart', 'connect', 'copy-rpc', 'polkadot-js', 'second-node', 'all-networks', 'start-all', 'start-dev']) expect(ids).not.toContain(absent)
  })

  it('tells the keys of the nine screens and of what else has one', () => {
    const { all } = setUp({ dev: 'running' })
    expect(all.filter(({ key }) => key !== undefined).map(({ id, key }) => `${id} ${key}`)).toEqual([...SCREENS.slice(0, 9).map(({ id }, index) => `go-${id} ${index + 1}`), 'keys ?', 'quit Ctrl+Q'])
  })

  it('does what it says', () => {
    const { run, asked } = setUp({ dev: 'running', local: 'stopped', westend: 'running' })
    for (const id of ['start-local', 'stop-westend', 'start-all', 'stop-all', 'all-networks', 'connect', 'bans', 'add-network', 'share', 'data', 'reset', 'theme-dark', 'hints', 'keys']) run(id)
    expect(asked).toEqual(['start local', 'stop westend', 'start local', 'stop dev+westend', 'all', 'go peers connect', 'go peers bans', 'go overview add-network', 'go settings share', 'go settings data', 'go overview reset', 'theme dark', 'hints', 'keys'])
  })

  it('speaks every language, each action by a name of its own', () => {
    for (const language of ['en', 'de', 'es'] as const) {
      useLanguage(language)
      const names = setUp({ dev: 'running', local: 'stopped' }).all.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  })
})
