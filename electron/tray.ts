/** The tray: how the node is, and the way back to the window. */
import { Menu, Tray, nativeImage, type MenuItemConstructorOptions } from 'electron'
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
    const line = trayLine(state.network)
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

export function trayMenu({ network, autoStart }: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  return [
    { label: trayLine(network), enabled: false },
    { type: 'separator' },
    { label: 'Start', enabled: canStart(network?.status), click: () => actions.startNode() },
    { label: 'Stop', enabled: canStop(network?.status), click: () => actions.stopNode() },
    {
      label: 'Start the node when Nodestead opens',
      type: 'checkbox',
      checked: autoStart,
      click: (item) => actions.setAutoStart(item.checked),
    },
    { type: 'separator' },
    { label: 'Open Nodestead', click: () => actions.open() },
    { label: 'Quit', click: () => actions.quit() },
  ]
}
