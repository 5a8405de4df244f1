/** The tray: how the nodes are, every common action, and the way back to the window. */
import { Menu, Tray, nativeImage, type MenuItemConstructorOptions } from 'electron'
import { nodeItems } from './menu.ts'
import { remoteWords } from './i18n/remote.ts'
import { trayWords } from './i18n/tray.ts'
import { canStart, canStop, trayLine, type DesktopActions, type DesktopState } from './actions.ts'

export class AppTray {
  readonly #tray: Tray
  readonly #actions: DesktopActions
  #shown = ''

  constructor(icon: string, actions: DesktopActions) {
    const image = nativeImage.createFromPath(icon)
    if (process.platform === 'darwin') image.setTemplateImage(true)
    this.#tray = new Tray(image)
    this.#actions = actions
    this.#tray.on('click', () => actions.open())
  }

  /** Rebuilds the menu where what it shows has changed (some desktops flicker otherwise). */
  update(state: DesktopState): void {
    const line = trayLine(state.networks[0], state.words)
    const template = trayMenu(state, this.#actions)
    const shown = JSON.stringify(template)
    if (shown === this.#shown) return
    this.#shown = shown
    this.#tray.setToolTip(`Nodestead. ${line}`)
    this.#tray.setContextMenu(Menu.buildFromTemplate(template))
  }

  destroy(): void {
    this.#tray.destroy()
  }
}

/** One network: its actions at once. Several: a menu each, under the line that says how it is. */
export function trayMenu(state: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  const { networks, words, notificationsPaused, remoteNodes } = state
  const [only] = networks
  const nodes: MenuItemConstructorOptions[] =
    only === undefined || networks.length === 1
      ? [{ label: trayLine(only, words), enabled: false }, { type: 'separator' }, ...(only === undefined ? [] : nodeItems(only, state, actions))]
      : severalNodes(state, actions)
  return [
    ...nodes,
    { type: 'separator' },
    ...(remoteNodes.length === 0
      ? []
      : [{ label: remoteWords(words.locale).others, submenu: remoteNodes.map(({ name, address }) => ({ label: name, click: () => actions.manageNode(address) })) }]),
    { label: words.pauseNotifications, type: 'checkbox', checked: notificationsPaused, click: (item) => actions.pauseNotifications(item.checked) },
    { label: words.open, click: () => actions.open() },
    { label: words.quit, click: () => actions.quit() },
  ]
}

/** How many run, each network under the line that says how it is, and what can be done to all of them. */
function severalNodes(state: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  const { networks, words } = state
  const own = trayWords(words.locale)
  const running = networks.filter(({ status }) => status.state === 'running').length
  return [
    { label: own.running(running, networks.length), enabled: false },
    { type: 'separator' },
    ...networks.map((network) => ({
      label: trayLine(network, words),
      submenu: [{ label: own.openNetwork, click: () => actions.showNetwork(network.id) }, ...nodeItems(network, state, actions)],
    })),
    { type: 'separator' },
    { label: own.startAll, enabled: networks.some(({ status }) => canStart(status)), click: () => actions.startAll() },
    { label: own.stopAll, enabled: networks.some(({ status }) => canStop(status)), click: () => actions.stopAll() },
  ]
}
