/** The application menu: the roles each platform expects, and the nodes. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import { canStart, canStop, type DesktopActions, type DesktopState } from './actions.ts'
import { remoteWords } from './i18n/remote.ts'
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

/** Nodes elsewhere. */
function remoteItems({ words, remoteNodes }: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  return [
    { type: 'separator' },
    ...remoteNodes.map(({ name, address }) => ({ label: name, click: () => actions.manageNode(address) })),
    { label: remoteWords(words.locale).manage, click: () => actions.manageNode(undefined) },
  ]
}

export function appMenu(state: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  const { words, networks } = state
  const { roles } = words
  const [only] = networks
  const first: MenuItemConstructorOptions =
    process.platform === 'darwin'
      ? { role: 'appMenu' }
      : { label: '&Nodestead', submenu: [{ label: words.quit, accelerator: 'Ctrl+Q', click: () => actions.quit() }] }
  return [
    first,
    {
      label: words.menuNode,
      submenu: [
        ...(only !== undefined && networks.length === 1
          ? nodeItems(only, state, actions)
          : networks.map((network) => ({ label: network.name, submenu: nodeItems(network, state, actions) }))),
        ...remoteItems(state, actions),
      ],
    },
    {
      label: words.menuEdit,
      submenu: [
        { role: 'undo', label: roles.undo },
        { role: 'redo', label: roles.redo },
        { type: 'separator' },
        { role: 'cut', label: roles.cut },
        { role: 'copy', label: roles.copy },
        { role: 'paste', label: roles.paste },
        { role: 'selectAll', label: roles.selectAll },
      ],
    },
    {
      label: words.menuView,
      submenu: [
        // Who has no source to work on has no use for these, and may be talked into pasting something there.
        ...(app.isPackaged ? [] : ([{ role: 'reload', label: roles.reload }, { role: 'toggleDevTools', label: roles.devTools }, { type: 'separator' }] as const)),
        { role: 'resetZoom', label: roles.resetZoom },
        { role: 'zoomIn', label: roles.zoomIn },
        { role: 'zoomOut', label: roles.zoomOut },
        { type: 'separator' },
        { role: 'togglefullscreen', label: roles.fullScreen },
      ],
    },
    {
      role: 'window',
      label: words.menuWindow,
      submenu: [
        { role: 'minimize', label: roles.minimize },
        { role: 'zoom', label: roles.zoom },
        { role: 'close', label: roles.close },
      ],
    },
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
