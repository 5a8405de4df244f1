/** The view of each screen. */
import type { Component } from 'svelte'
import AboutView from './AboutView.svelte'
import BlocksView from './BlocksView.svelte'
import KeysView from './KeysView.svelte'
import LogsView from './LogsView.svelte'
import MetricsView from './MetricsView.svelte'
import Overview from './Overview.svelte'
import PeersView from './PeersView.svelte'
import SyncView from './SyncView.svelte'
import TopicsView from './TopicsView.svelte'
import SettingsView from './SettingsView.svelte'
import type { ViewProps } from './view.ts'
import type { ScreenId } from '../state/screens.svelte.ts'

export const VIEWS: Record<ScreenId, Component<ViewProps>> = {
  overview: Overview,
  peers: PeersView,
  sync: SyncView,
  topics: TopicsView,
  blocks: BlocksView,
  metrics: MetricsView,
  keys: KeysView,
  logs: LogsView,
  settings: SettingsView,
  about: AboutView,
}
