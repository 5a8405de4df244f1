/** The application menu: the roles each platform expects, and the nodes. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import { canStart, canStop, type DesktopActions, type DesktopState } from './actions.ts'
import type { NetworkSummary } from '../node-core/manager/types.ts'

/** What can be done to one node; the tray shows the same. */
export function nodeItems({ id, status }: NetworkSummary, { words, autoStart }: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  return [
    { label: words.start, enabled: canStart(status), click: () => actions.startNode(id) },
    { label: words.stop, enabled: canStop(status), click: () => actions.stopNode(id) },
    { label: words.restart, enabled: status.state === 'running', click: () => actions.restartNode(id) },
    { label: words.copyAddress, enabled: status.state === 'running', click: () => actions.copyAddress(id) },
    { label: words.autoStart, type: 'checkbox', checked: autoStart.has(id), click: (item) => actions.setAutoStart(id, item.checked) },
  ]
}

export function appMenu(state: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  const { words, networks } = state
  const [only] = networks
  const first: MenuItemConstructorOptions =
    process.platform === 'darwin'
      ? { role: 'appMenu' }
      : { label: '&Nodestead', submenu: [{ label: words.quit, accelerator: 'Ctrl+Q', click: () => actions.quit() }] }
  return [
    first,
    {
      label: words.menuNode,
      submenu:
        only !== undefined && networks.length === 1
          ? nodeItems(only, state, actions)
          : networks.map((network) => ({ label: network.name, submenu: nodeItems(network, state, actions) })),
    },
    { role: 'editMenu' },
    {
      label: words.menuView,
      submenu: [
        // Who has no source to work on has no use for these, and may be talked into pasting something there.
        ...(app.isPackaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }, { type: 'separator' }] as const)),
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ]
}

export class AppMenu {
  readonly #actions: DesktopActions
  #shown = ''

  constructor(actions: DesktopActions) {
    this.#actions = actions
  }

  update(state: DesktopState): void {
    const template = appMenu(state, this.#actions)
    const shown = JSON.stringify(template)
    if (shown === this.#shown) return
    this.#shown = shown
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }
}
