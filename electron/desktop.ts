/**
 * The desktop app: one window, one tray, one manager, and what happens between them.
 *
 * Closing the window while a node runs hides it and the node goes on. The way back is the tray, and, since a Linux
 * desktop may show no tray and cannot be asked, also a second start of the app: it finds this one and shows its
 * window. The first time, a dialog says so and offers to quit. Without a running node, closing the window quits.
 */
import { app, dialog, type BrowserWindow } from 'electron'
import { AppMenu } from './menu.ts'
import { AppTray } from './tray.ts'
import { canStart, isAlive, type DesktopActions } from './actions.ts'
import { createWindow, rememberWindow, reveal, type WindowOptions } from './window.ts'
import type { SettingsStore } from './settings.ts'
import type { Shutdown } from './shutdown.ts'
import { Disposers } from '../node-core/base/disposers.ts'
import { describeError, errorMessage } from '../node-core/base/errors.ts'
import type { Logger } from '../node-core/base/logger.ts'
import type { NetworkAdminView } from '../node-core/manager/admin-types.ts'
import type { NetworkSummary, NodeManagerView } from '../node-core/manager/types.ts'

export interface DesktopDeps {
  readonly manager: NodeManagerView
  /** Says which nodes start with the app; without it there is one network and one setting. */
  readonly admin: NetworkAdminView | undefined
  readonly settings: SettingsStore
  readonly shutdown: Shutdown
  readonly logger: Logger
}

export interface DesktopOptions extends WindowOptions {
  readonly trayIcon: string
}

export class Desktop implements DesktopActions {
  readonly #deps: DesktopDeps
  readonly #options: DesktopOptions
  readonly #menu: AppMenu
  readonly #disposers = new Disposers()
  #tray: AppTray | undefined
  #window: BrowserWindow | undefined
  #networkId: string | undefined

  constructor(deps: DesktopDeps, options: DesktopOptions) {
    this.#deps = deps
    this.#options = options
    this.#menu = new AppMenu(this)
  }

  start(): void {
    const { manager, admin, settings, logger } = this.#deps
    this.#networkId = settings.get().lastNetwork
    this.#disposers.add(manager.events.on('status', (network) => this.#onStatus(network)))
    this.#disposers.add(manager.events.on('removed', () => this.#refresh()))
    if (admin !== undefined) this.#disposers.add(admin.events.on('changed', () => this.#refresh()))
    try {
      this.#tray = new AppTray(this.#options.trayIcon, this)
    } catch (error) {
      // No tray on this desktop: a second start of the app is the way back to the window.
      logger.warn('no tray', { reason: errorMessage(error) })
    }
    this.#refresh()
    this.open()
    this.#startThoseThatShould()
  }

  stop(): void {
    this.#disposers.dispose()
    if (this.#window !== undefined) rememberWindow(this.#window, this.#deps.settings)
    this.#tray?.destroy()
  }

  open(): void {
    if (this.#window !== undefined) return reveal(this.#window)
    const window = createWindow(this.#deps.settings, this.#options)
    this.#window = window
    window.on('close', (event) => this.#onClose(window, event))
    window.on('closed', () => {
      this.#window = undefined
    })
  }

  /** Says in the window's title what a quit waits for. */
  showWaiting(): void {
    const names = this.#aliveNetworks().map(({ name }) => name)
    if (names.length > 0) this.#window?.setTitle(`Nodestead: stopping ${names.join(', ')} before quitting…`)
  }

  startNode(): void {
    const network = this.#network()
    if (network === undefined || !canStart(network.status)) return
    this.#start(network.id)
  }

  stopNode(): void {
    const network = this.#network()
    if (network === undefined) return
    this.#deps.manager.stop(network.id).catch((error: unknown) => {
      this.#deps.logger.error('the node did not stop', { reason: describeError(error) })
    })
  }

  quit(): void {
    app.quit()
  }

  setAutoStart(on: boolean): void {
    const { admin, settings } = this.#deps
    const network = this.#network()
    if (admin === undefined) settings.update({ autoStart: on })
    else if (network !== undefined) admin.update(network.id, { ...admin.details(network.id).profile.settings, autoStart: on })
    this.#refresh()
  }

  get window(): BrowserWindow | undefined {
    return this.#window
  }

  #startThoseThatShould(): void {
    const { admin, settings } = this.#deps
    if (admin !== undefined) for (const { profile } of admin.list()) if (profile.settings.autoStart) this.#start(profile.id)
    if (admin === undefined && settings.get().autoStart) this.startNode()
  }

  #startsWithApp(network: NetworkSummary | undefined): boolean {
    const { admin, settings } = this.#deps
    if (admin === undefined) return settings.get().autoStart
    return network !== undefined && admin.details(network.id).profile.settings.autoStart
  }

  #start(network: string): void {
    this.#deps.manager.start(network).catch((error: unknown) => {
      this.#deps.logger.error('the node did not start', { network, reason: describeError(error) })
      this.open()
    })
  }

  /** The network that tray and menu speak of: the one that runs, else the last one that did, else the first. */
  #network(): NetworkSummary | undefined {
    const networks = this.#deps.manager.networks()
    return networks.find(({ status }) => isAlive(status)) ?? networks.find(({ id }) => id === this.#networkId) ?? networks[0]
  }

  #aliveNetworks(): NetworkSummary[] {
    return this.#deps.manager.networks().filter(({ status }) => isAlive(status))
  }

  #onStatus(network: NetworkSummary): void {
    if (network.status.state === 'starting' && network.id !== this.#networkId) {
      this.#networkId = network.id
      this.#deps.settings.update({ lastNetwork: network.id })
    }
    this.#refresh()
  }

  #refresh(): void {
    const network = this.#network()
    const state = { network, autoStart: this.#startsWithApp(network) }
    this.#tray?.update(state)
    this.#menu.update(state)
  }

  #onClose(window: BrowserWindow, event: { preventDefault(): void }): void {
    if (this.#deps.shutdown.isUnderWay) return
    if (this.#aliveNetworks().length === 0) {
      if (process.platform !== 'darwin') app.quit()
      return
    }
    event.preventDefault()
    if (this.#deps.settings.get().toldAboutTray) window.hide()
    else void this.#tellAndHide(window)
  }

  async #tellAndHide(window: BrowserWindow): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'info',
      message: 'Your node keeps running',
      detail:
        'Closing the window does not stop it. To see it again, use the icon in the tray, or start Nodestead once more. ' +
        'To stop it, choose Quit in the tray or in the menu.',
      buttons: ['Keep running', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    })
    if (response === 1) return app.quit()
    this.#deps.settings.update({ toldAboutTray: true })
    if (!window.isDestroyed()) window.hide()
  }
}
