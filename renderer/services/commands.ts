/** Every action by its name, for the command palette. A screen with actions of its own adds them here. */
import { actionsFor, type NodeActions } from './node-actions.svelte.ts'
import { LANGUAGES, m } from '../i18n/language.ts'
import type { Dashboard } from '../state/dashboard.svelte.ts'
import type { LanguageSetting } from '../state/language.svelte.ts'
import type { Preferences } from '../state/preferences.svelte.ts'
import type { Navigation } from '../state/screens.svelte.ts'
import type { Setup } from '../state/setup.svelte.ts'
import { canLook, isReady } from '../text/updates.ts'
import type { ApiClient } from '../trpc/client.ts'

export interface Command {
  readonly id: string
  readonly name: string
  readonly run: () => void
}

export interface CommandTargets {
  readonly dashboard: Dashboard
  readonly nodeActions: NodeActions
  readonly navigation: Navigation
  readonly language: LanguageSetting
  readonly setup: Setup
  readonly preferences: Preferences
  readonly client: ApiClient
}

export function commands({ dashboard, nodeActions, navigation, language, setup, preferences, client }: CommandTargets): readonly Command[] {
  const { list, selected } = dashboard.networks
  const state = selected?.status.state
  return [
    ...(state === undefined ? [] : actionsFor(state)).map((action) => ({ id: action, name: m.frame.actions[action], run: () => void nodeActions.run(action) })),
    ...navigation.screens.map(({ id }) => ({ id: `go-${id}`, name: m.frame.palette.goTo(m.frame.titles[id]), run: () => navigation.go(id) })),
    ...list
      .filter(({ id }) => id !== selected?.id)
      .map(({ id, name }) => ({ id: `network-${id}`, name: m.frame.palette.selectNetwork(name), run: () => dashboard.networks.select(id) })),
    ...remoteCommands(dashboard),
    ...updateCommands(dashboard, navigation, client),
    ...(setup.available ? [{ id: 'setup', name: m.setup.again, run: () => void setup.again(preferences.app?.launchAtLogin ?? false) }] : []),
    ...LANGUAGES.filter(({ id }) => id !== language.current).map(({ id, name }) => ({ id: `language-${id}`, name, run: () => language.choose(id) })),
  ]
}

/** Nodes elsewhere, where the app can open windows for them. */
function remoteCommands({ remote }: Dashboard): Command[] {
  if (!remote.available) return []
  return [
    { id: 'manage-node', name: m.remote.manage, run: () => remote.ask() },
    ...remote.nodes.map((node) => ({ id: `manage-${node.address}`, name: m.remote.manageNamed(node.name), run: () => void remote.show(node) })),
  ]
}

/** Looking for a newer version shows where the answer comes. */
function updateCommands(dashboard: Dashboard, navigation: Navigation, client: ApiClient): Command[] {
  const { state } = dashboard.updates
  const act = (procedure: 'check' | 'restart'): void => {
    navigation.go('about')
    client.updates[procedure].mutate().catch((error: unknown) => dashboard.report(error))
  }
  if (state === undefined || state === null) return []
  if (isReady(state)) return [{ id: 'update', name: m.updates.restart, run: () => act('restart') }]
  return canLook(state) ? [{ id: 'update', name: m.updates.check, run: () => act('check') }] : []
}
