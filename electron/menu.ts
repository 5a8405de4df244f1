/** The application menu: the roles each platform expects, and the node. */
import { Menu, type MenuItemConstructorOptions } from 'electron'
import { canStart, canStop, type DesktopActions, type DesktopState } from './actions.ts'

export function appMenu({ network, autoStart }: DesktopState, actions: DesktopActions): MenuItemConstructorOptions[] {
  const isMac = process.platform === 'darwin'
  const app: MenuItemConstructorOptions = isMac
    ? { role: 'appMenu' }
    : { label: '&Nodestead', submenu: [{ label: '&Quit', accelerator: 'Ctrl+Q', click: () => actions.quit() }] }
  return [
    app,
    {
      label: '&Node',
      submenu: [
        { label: '&Start', enabled: canStart(network?.status), click: () => actions.startNode() },
        { label: 'S&top', enabled: canStop(network?.status), click: () => actions.stopNode() },
        { type: 'separator' },
        { label: 'Start when Nodestead &opens', type: 'checkbox', checked: autoStart, click: (item) => actions.setAutoStart(item.checked) },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
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
