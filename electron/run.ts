/**
 * The running app: composition, in order. It is read when the window is drawn already (main.ts); what the parts do is in
 * their own files.
 */
import { app, nativeTheme, safeStorage, shell, type BrowserWindow } from 'electron'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlive } from './actions.ts'
import { browserDoor } from './browser-door.ts'
import { Desktop } from './desktop.ts'
import { createGateway } from './gateway.ts'
import { fileDialogs } from './file-dialogs.ts'
import { firstRunKeeper } from './first-run.ts'
import { checksArchives } from './integrity.ts'
import { wordsFor } from './i18n/words.ts'
import { localCaller } from './caller.ts'
import { IpcServer } from './ipc.ts'
import { linkToFile, requestIn } from './links.ts'
import { createManager } from './manager.ts'
import { SystemVault } from './passphrase-vault.ts'
import { RememberedNodes } from './remote/remembered.ts'
import { RemoteNodes } from './remote/nodes.ts'
import { openRemoteWindow } from './remote/window.ts'
import { SettingsStore } from './settings.ts'
import { Shutdown } from './shutdown.ts'
import { askInWindow, follow, joinSystem, makeNotifier } from './system.ts'
import { openUpdates } from './updates/open.ts'
import type { Updates } from './updates/updates.ts'
import type { WindowOptions } from './window.ts'
import { aboutReader } from '../node-core/api/app/about-file.ts'
import { NetworkOffers } from '../node-core/api/network/offers.ts'
import type { AppInfo } from '../node-core/api/trpc.ts'
import { systemClock } from '../node-core/base/clock.ts'
import { describeError } from '../node-core/base/errors.ts'
import { endProcess } from '../node-core/base/threads.ts'
import { setV8Flags } from '../node-core/base/v8-flags.ts'
import { logTail } from '../node-core/manager/support/log-sinks.ts'
import { ServiceControl } from '../node-core/services/control.ts'
import { ServiceApi } from '../node-core/services/service-api.ts'

const out = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

export interface Begun {
  readonly windowOptions: WindowOptions
  /** Undefined where the app begins in the tray. */
  readonly window: BrowserWindow | undefined
}

export interface RunningApp {
  /** Answers the window. */
  readonly ipc: IpcServer
  /** Another start of the app, with these arguments, in this folder. */
  again(argv: readonly string[], folder: string): void
  open(): void
  follow(link: string): void
  /** A chain specification that the system opens with the app. */
  openFile(path: string): void
}

export function runApp({ windowOptions, window }: Begun): RunningApp {
  // Its own thread ends in the same way as others.
  setV8Flags()
  const userData = app.getPath('userData')
  const settings = new SettingsStore()
  const firstRun = firstRunKeeper({ userData, settings, canLaunchAtLogin: true })
  const manager = createManager({ userData, before: settings.get() })
  const logger = manager.logger.child('desktop')
  const readLogTail = (): Promise<string> => logTail(join(userData, 'logs'))
  const serviceApi = new ServiceApi(
    { manager, networks: manager.admin, program: { name: app.getName(), version: app.getVersion(), host: 'desktop', platform: process.platform }, logger: manager.logger.child('services'), logTail: readLogTail },
    { folder: userData },
  )
  const services = new ServiceControl(serviceApi, manager.logger.child('services'), { get: () => settings.get().serviceApi, keep: (choice) => settings.update({ serviceApi: choice }) })
  const gateway = createGateway({ userData, manager, settings, serviceApi })
  const shutdown: Shutdown = new Shutdown({
    stopAll: async () => {
      try {
        await gateway.stop()
        await services.stop()
      } finally {
        await manager.stopAll()
      }
    },
    exit: (code) => {
      updates.stop()
      remote.close()
      desktop.stop()
      // The last to hear of it: a new version may be put in place then.
      app.once('quit', () => endProcess(() => undefined))
      if (updates.onExit(code)) app.exit(code)
    },
    waitingFor: () => manager.stopping(),
    onWaiting: (stages) => desktop.showWaiting(stages),
    onSlow: (stages) => desktop.askToEnd(stages),
    clock: systemClock,
    logger,
  })
  const about: AppInfo = {
    name: app.getName(), version: app.getVersion(), host: 'desktop', platform: process.platform, filesChecked: app.isPackaged ? checksArchives(process.platform) : undefined,
  }
  const offers = new NetworkOffers()
  const system = { manager, settings, offers, logger }
  const notifier = makeNotifier(system, () => desktop.open())
  const updates: Updates = openUpdates({
    out: out('.'),
    settings,
    logger: manager.logger.child('updates'),
    onReady: (version) => notifier.onUpdate(version),
    running: () => manager.networks().flatMap(({ id, status }) => (isAlive(status) ? [id] : [])),
  })
  const remote: RemoteNodes = new RemoteNodes({
    remembered: new RememberedNodes(settings, new SystemVault(safeStorage)),
    clock: systemClock,
    logger,
    openWindow: (node) => openRemoteWindow(node, windowOptions),
    // What is the app's own in such a window is the state of its connection: nothing of this computer.
    localCaller: (managed) => localCaller({ manager, app: about, clock: systemClock, managed }),
    showApp: () => desktop.open(),
    onAllClosed: () => desktop.remoteClosed(),
  })
  const desktop: Desktop = new Desktop(
    { manager, admin: manager.admin, settings, notifier, remote, shutdown, logger },
    { ...windowOptions, trayIcon: out(trayIcon()), alsoStart: updates.finished?.running ?? [] },
  )
  const ipc = new IpcServer({
    context: {
      manager,
      networks: manager.admin,
      members: manager.members,
      offers,
      settings,
      services,
      gateway: gateway.holder,
      dialogs: fileDialogs(() => desktop.window),
      // When the answer has gone out.
      quit: () => void setImmediate(() => desktop.quit()),
      browser: browserDoor({
        locale: () => wordsFor(settings.settings().language, app.getLocale()).locale,
        ask: (message, detail, button) => askInWindow(desktop.window, system, message, detail, button),
        openExternal: (url) => shell.openExternal(url),
      }),
      about: aboutReader(out('.')),
      firstRun,
      updates,
      logTail: readLogTail,
      remote,
      app: about,
      clock: systemClock,
    },
    logger,
    callerOf: (window) => remote.callerOf(window),
  })

  app.on('before-quit', (event) => shutdown.onBeforeQuit(event))
  nativeTheme.themeSource = settings.settings().theme
  settings.events.on('changed', ({ theme }) => {
    nativeTheme.themeSource = theme
  })
  desktop.start(window)
  services.start().then(() => gateway.start(), (error: unknown) => logger.error('programs cannot reach the nodes', { reason: describeError(error) }))
  joinSystem(system, desktop, notifier)
  updates.start()

  const followLink = (link: string): void => follow(link, system, desktop)
  return {
    ipc,
    again: (argv, folder) => {
      const link = requestIn(argv, folder)
      if (link === undefined) desktop.open()
      else followLink(link)
    },
    open: () => desktop.open(),
    follow: followLink,
    openFile: (path) => followLink(linkToFile(path)),
  }
}

function trayIcon(): string {
  return process.platform === 'darwin' ? 'icons/trayTemplate.png' : join('icons', 'tray.png')
}
