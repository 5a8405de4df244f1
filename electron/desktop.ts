/**
 * The desktop app: one window, one tray, one manager, and what happens between them. (Nodes elsewhere have windows of their own: remote/.)
 *
 * Closing the window while a node runs hides it and the node goes on. The way back is the tray, and, since a Linux
 * desktop may show no tray and cannot be asked, also a second start of the app: it finds this one and shows its
 * window. The first time, a dialog says so and offers to quit. Without a running node, closing the window quits.
 */
import { app, clipboard, dialog, type BrowserWindow } from 'electron'
import { AppMenu } from './menu.ts'
import { AppTray } from './tray.ts'
import { canStart, canStop, isAlive, keepsApp, type DesktopActions } from './actions.ts'
import { APP_URL } from './app-url.ts'
import { wordsFor, type Words } from './i18n/words.ts'
import type { Notifier } from './notifications.ts'
import { createWindow, rememberWindow, reveal, type WindowOptions } from './window.ts'
import type { RemoteNodes } from './remote/nodes.ts'
import type { SettingsStore } from './settings.ts'
import type { Shutdown } from './shutdown.ts'
import { Disposers } from '../node-core/base/disposers.ts'
import { describeError, errorMessage } from '../node-core/base/errors.ts'
import type { Logger } from '../node-core/base/logger.ts'
import type { NetworkAdminView } from '../node-core/manager/networks/admin-types.ts'
import type { NetworkSummary, NodeManagerView } from '../node-core/manager/types.ts'

export interface DesktopDeps {
  readonly manager: NodeManagerView
  /** Says which nodes start with the app; without it there is one network and one setting. */
  readonly admin: NetworkAdminView | undefined
  readonly settings: SettingsStore
  readonly notifier: Notifier
  readonly remote: RemoteNodes
  readonly shutdown: Shutdown
  readonly logger: Logger
}

export interface DesktopOptions extends WindowOptions {
  readonly trayIcon: string
  /** Networks whose nodes ran when the app ended to update itself. */
  readonly alsoStart: readonly string[]
}

export class Desktop implements DesktopActions {
  readonly #deps: DesktopDeps
  readonly #options: DesktopOptions
  readonly #menu: AppMenu
  readonly #disposers = new Disposers()
  #tray: AppTray | undefined
  #window: BrowserWindow | undefined
  #networkId: string | undefined
  /** How often a screen was asked for. */
  #shown = 0

  constructor(deps: DesktopDeps, options: DesktopOptions) {
    this.#deps = deps
    this.#options = options
    this.#menu = new AppMenu(this)
  }

  /** `window` is there already, unless the app begins in the tray. */
  start(window: BrowserWindow | undefined): void {
    const { manager, admin, settings, logger, remote } = this.#deps
    this.#networkId = settings.get().lastNetwork
    this.#disposers.add(manager.events.on('status', (network) => this.#onStatus(network)))
    this.#disposers.add(manager.events.on('removed', () => this.#refresh()))
    if (admin !== undefined) this.#disposers.add(admin.events.on('changed', () => this.#refresh()))
    this.#disposers.add(remote.events.on('changed', () => this.#refresh()))
    try {
      this.#tray = new AppTray(this.#options.trayIcon, this)
    } catch (error) {
      // No tray on this desktop: a second start of the app is the way back to the window.
      logger.warn('no tray', { reason: errorMessage(error) })
    }
    this.#disposers.add(settings.events.on('changed', () => this.#refresh()))
    this.#refresh()
    if (window !== undefined) this.#adopt(window)
    this.#startThoseThatShould()
  }

  stop(): void {
    this.#disposers.dispose()
    if (this.#window !== undefined) rememberWindow(this.#window, this.#deps.settings)
    this.#tray?.destroy()
  }

  open(): void {
    if (this.#window !== undefined) return reveal(this.#window)
    this.#adopt(createWindow(this.#deps.settings.get().window, this.#options))
  }

  /** Says in the window's title what a quit waits for. */
  showWaiting(stages: readonly string[]): void {
    const what = stages.length > 0 ? stages : this.#aliveNetworks().map(({ name }) => name)
    if (what.length > 0) this.#window?.setTitle(this.#words.stoppingTitle(what.join(', ')))
  }

  /** It takes long. Resolves true where the person does not want to wait. */
  async askToEnd(stages: readonly string[]): Promise<boolean> {
    const words = this.#words
    const what = stages.length > 0 ? stages.join(', ') : this.#aliveNetworks().map(({ name }) => name).join(', ')
    const options = { type: 'info' as const, message: words.stillStopping, detail: words.waitingFor(what), buttons: [words.wait, words.endNow], defaultId: 0, cancelId: 0 }
    const { response } = await (this.#window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(this.#window, options))
    return response === 1
  }

  /** Opens the window at one of its screens. */
  showScreen(screen: string): void {
    this.open()
    // A number behind it, so that the same screen can be asked for twice.
    void this.#window?.loadURL(`${APP_URL}#/${screen}/${this.#shown++}`).catch(() => undefined)
  }

  showNetwork(network: string): void {
    this.open()
    void this.#window?.loadURL(`${APP_URL}#/overview/${this.#shown++}/${encodeURIComponent(network)}`).catch(() => undefined)
  }

  startAll(): void {
    for (const { id } of this.#deps.manager.networks()) this.startNode(id)
  }

  stopAll(): void {
    for (const { id, status } of this.#deps.manager.networks()) if (canStop(status)) this.stopNode(id)
  }

  startNode(network: string): void {
    if (canStart(this.#deps.manager.networks().find(({ id }) => id === network)?.status)) this.#start(network)
  }

  stopNode(network: string): void {
    this.#deps.manager.stop(network).catch((error: unknown) => {
      this.#deps.logger.error('the node did not stop', { network, reason: describeError(error) })
    })
  }

  restartNode(network: string): void {
    this.#deps.manager.restart(network).catch((error: unknown) => {
      this.#deps.logger.error('the node did not start again', { network, reason: describeError(error) })
      this.open()
    })
  }

  copyAddress(network: string): void {
    const addresses = this.#deps.manager.node(network)?.network.listenAddresses() ?? []
    const best = addresses.find((address) => !/\/ip[46]\/(127\.|::1\/)/.test(address)) ?? addresses[0]
    if (best !== undefined) void clipboard.writeText(best)
  }

  pauseNotifications(on: boolean): void {
    this.#deps.notifier.paused = on
    this.#refresh()
  }

  manageNode(address: string | undefined): void {
    this.#deps.remote.ask(address)
  }

  quit(): void {
    app.quit()
  }

  /** The last window of a node elsewhere was closed: where the app's own was closed before, there is nothing left to do. */
  remoteClosed(): void {
    if (this.#window === undefined && !this.#deps.shutdown.isUnderWay) this.#quitUnlessNeeded()
  }

  setAutoStart(network: string, on: boolean): void {
    const { admin, settings } = this.#deps
    if (admin === undefined) settings.update({ autoStart: on })
    else admin.update(network, { ...admin.details(network).profile.settings, autoStart: on })
    this.#refresh()
  }

  get window(): BrowserWindow | undefined {
    return this.#window
  }

  #adopt(window: BrowserWindow): void {
    this.#window = window
    window.on('close', () => rememberWindow(window, this.#deps.settings))
    window.on('close', (event) => this.#onClose(window, event))
    window.on('closed', () => {
      this.#window = undefined
    })
  }

  #startThoseThatShould(): void {
    for (const network of new Set([...this.#thoseThatShould(), ...this.#options.alsoStart])) this.startNode(network)
  }

  #thoseThatShould(): ReadonlySet<string> {
    const { admin, settings } = this.#deps
    if (admin !== undefined) return new Set(admin.list().flatMap(({ profile }) => (profile.settings.autoStart ? [profile.id] : [])))
    const network = this.#network()
    return new Set(settings.get().autoStart && network !== undefined ? [network.id] : [])
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

  get #words(): Words {
    return wordsFor(this.#deps.settings.settings().language, app.getLocale())
  }

  #refresh(): void {
    const current = this.#network()
    const others = this.#deps.manager.networks().filter(({ id }) => id !== current?.id)
    const state = {
      networks: current === undefined ? [] : [current, ...others],
      autoStart: this.#thoseThatShould(),
      notificationsPaused: this.#deps.notifier.paused,
      remoteNodes: this.#deps.remote.list(),
      words: this.#words,
    }
    this.#tray?.update(state)
    this.#menu.update(state)
  }

  #onClose(window: BrowserWindow, event: { preventDefault(): void }): void {
    if (this.#deps.shutdown.isUnderWay) return
    if (!this.#isNeeded()) return this.#quitUnlessNeeded()
    event.preventDefault()
    if (this.#deps.settings.get().toldAboutTray) window.hide()
    else void this.#tellAndHide(window)
  }

  #isNeeded(): boolean {
    return this.#deps.manager.networks().some(({ status }) => keepsApp(status))
  }

  #quitUnlessNeeded(): void {
    if (process.platform !== 'darwin' && !this.#isNeeded() && this.#deps.remote.openWindows === 0) app.quit()
  }

  async #tellAndHide(window: BrowserWindow): Promise<void> {
    const words = this.#words
    const { response } = await dialog.showMessageBox(window, {
      type: 'info',
      message: words.keepsRunning,
      detail: words.keepsRunningDetail,
      buttons: [words.keepRunning, words.quit],
      defaultId: 0,
      cancelId: 0,
    })
    if (response === 1) return app.quit()
    this.#deps.settings.update({ toldAboutTray: true })
    if (!window.isDestroyed()) window.hide()
  }
}
