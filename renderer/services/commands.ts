/** Every action by its name, for the command palette. A screen with actions of its own adds them here. */
import { actionsFor } from './node-actions.svelte.ts'
import type { Command, CommandTargets } from './command-types.ts'
import { saveSupportBundle } from './support-bundle.ts'
import { copies, everyNetwork, networkWork } from './network-commands.ts'
import { LANGUAGES, m } from '../i18n/language.ts'
import type { Dashboard } from '../state/dashboard.svelte.ts'
import type { Navigation } from '../state/screens.svelte.ts'
import { canLook, isReady } from '../text/updates.ts'
import type { ApiClient } from '../trpc/client.ts'

export function commands(targets: CommandTargets): readonly Command[] {
  const { dashboard, nodeActions, navigation, language, setup, preferences, client } = targets
  const { list, selected } = dashboard.networks
  const state = selected?.status.state
  return [
    ...(state === undefined ? [] : actionsFor(state)).map((action) => ({ id: action, name: m.frame.actions[action], run: () => void nodeActions.run(action) })),
    ...navigation.screens.map(({ id }, index) => ({ id: `go-${id}`, name: m.frame.palette.goTo(m.frame.titles[id]), ...(index < 9 ? { key: String(index + 1) } : {}), run: () => navigation.go(id) })),
    ...list
      .filter(({ id }) => id !== selected?.id)
      .map(({ id, name }) => ({ id: `network-${id}`, name: m.frame.palette.selectNetwork(name), run: () => dashboard.networks.select(id) })),
    ...everyNetwork(targets),
    ...networkWork(targets),
    ...copies(targets),
    ...remoteCommands(dashboard),
    ...updateCommands(dashboard, navigation, client),
    ...(setup.available ? [{ id: 'setup', name: m.setup.again, run: () => void setup.again(preferences.app?.launchAtLogin ?? false) }] : []),
    ...LANGUAGES.filter(({ id }) => id !== language.current).map(({ id, name }) => ({ id: `language-${id}`, name, run: () => language.choose(id) })),
    ...appCommands(targets),
  ]
}

/** What is of the app as a whole. */
function appCommands({ dashboard, preferences, client, browser, showKeys }: CommandTargets): Command[] {
  const { actions } = m.overviewAll
  const theme = preferences.app?.theme
  return [
    ...(theme === undefined
      ? []
      : (['system', 'light', 'dark'] as const)
          .filter((choice) => choice !== theme)
          .map((choice) => ({ id: `theme-${choice}`, name: actions.theme[choice], run: () => void dashboard.attempt(() => preferences.change({ theme: choice })) }))),
    ...((preferences.dismissedHints ?? []).length === 0 ? [] : [{ id: 'hints', name: m.hints.again, run: () => void dashboard.attempt(() => preferences.showHintsAgain()) }]),
    { id: 'support-bundle', name: m.trouble.bundle, run: () => void dashboard.attempt(() => saveSupportBundle(client)) },
    ...(browser === undefined ? [] : [{ id: 'sign-out', name: m.browser.signOut, run: () => void dashboard.attempt(async () => {
      await browser.signOut()
      location.reload()
    }) }]),
    { id: 'keys', name: actions.keyList, key: '?', run: showKeys },
    ...(dashboard.app?.host === 'desktop' ? [{ id: 'quit', name: actions.quit, key: 'Ctrl+Q', run: () => void dashboard.attempt(() => client.app.quit.mutate()) }] : []),
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
