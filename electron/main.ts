/**
 * The desktop app's entry: composition, in order. What the parts do is in their own files.
 *
 * A second start finds the first by the lock on the data folder, hands over, and ends; the first shows its window.
 */
import { app, ipcMain, nativeTheme, protocol, session } from 'electron'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlive } from './actions.ts'
import { registerAppScheme, serveApp } from './app-protocol.ts'
import { Desktop } from './desktop.ts'
import { fileDialogs } from './file-dialogs.ts'
import { attachIpc } from './ipc-electron.ts'
import { IpcServer } from './ipc.ts'
import { HIDDEN_FLAG } from './launch-at-login.ts'
import { linkIn } from './links.ts'
import { createManager } from './manager.ts'
import { firstRunKeeper } from './first-run.ts'
import { SettingsStore } from './settings.ts'
import { Shutdown } from './shutdown.ts'
import { follow, joinSystem, makeNotifier } from './system.ts'
import { openUpdates } from './updates/open.ts'
import type { Updates } from './updates/updates.ts'
import { confineSession } from './window.ts'
import { aboutReader } from '../node-core/api/about-file.ts'
import { AssetFolder } from '../node-core/api/assets.ts'
import { systemClock } from '../node-core/base/clock.ts'
import { describeError } from '../node-core/base/errors.ts'
import { logTail } from '../node-core/manager/log-sinks.ts'

const out = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

const userData = process.env['NODESTEAD_USER_DATA'] ?? app.commandLine.getSwitchValue('user-data-dir')
if (userData !== '') {
  mkdirSync(resolve(userData), { recursive: true })
  app.setPath('userData', resolve(userData))
}

registerAppScheme(protocol)
if (app.requestSingleInstanceLock()) run().catch(fail)
else app.quit()

async function run(): Promise<void> {
  const settings = new SettingsStore()
  const firstRun = firstRunKeeper({ userData: app.getPath('userData'), settings, canLaunchAtLogin: true })
  const manager = createManager({ userData: app.getPath('userData'), before: settings.get() })
  const logger = manager.logger.child('desktop')
  const shutdown: Shutdown = new Shutdown({
    stopAll: () => manager.stopAll(),
    exit: (code) => {
      updates.stop()
      desktop.stop()
      if (updates.onExit(code)) app.exit(code)
    },
    waitingFor: () => manager.stopping(),
    onWaiting: (stages) => desktop.showWaiting(stages),
    onSlow: (stages) => desktop.askToEnd(stages),
    clock: systemClock,
    logger,
  })
  const system = { manager, settings, logger }
  const notifier = makeNotifier(system, () => desktop.open())
  const updates: Updates = openUpdates({
    out: out('.'),
    settings,
    logger: manager.logger.child('updates'),
    onReady: (version) => notifier.onUpdate(version),
    running: () => manager.networks().flatMap(({ id, status }) => (isAlive(status) ? [id] : [])),
  })
  const desktop: Desktop = new Desktop(
    { manager, admin: manager.admin, settings, notifier, shutdown, logger },
    { preload: out('preload/preload.cjs'), icon: out('icons/icon-256.png'), trayIcon: out(trayIcon()), hidden: process.argv.includes(HIDDEN_FLAG), alsoStart: updates.finished?.running ?? [] },
  )
  const ipc = new IpcServer({
    context: {
      manager,
      networks: manager.admin,
      settings,
      dialogs: fileDialogs(() => desktop.window),
      about: aboutReader(out('.')),
      firstRun,
      updates,
      logTail: () => logTail(join(app.getPath('userData'), 'logs')),
      app: { name: app.getName(), version: app.getVersion(), host: 'desktop', platform: process.platform },
      clock: systemClock,
    },
    logger,
  })

  app.on('before-quit', (event) => shutdown.onBeforeQuit(event))
  app.on('second-instance', (_event, argv) => {
    const link = linkIn(argv)
    if (link === undefined) desktop.open()
    else follow(link, system, desktop)
  })
  // macOS hands links over like this.
  app.on('open-url', (event, link) => {
    event.preventDefault()
    void app.whenReady().then(() => follow(link, system, desktop))
  })
  app.on('activate', () => desktop.open())
  // The app ends when it is told to, not when its window goes.
  app.on('window-all-closed', () => undefined)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())

  nativeTheme.themeSource = settings.settings().theme
  settings.events.on('changed', ({ theme }) => {
    nativeTheme.themeSource = theme
  })

  const assets = await AssetFolder.open(out('renderer'))
  await app.whenReady()
  serveApp(protocol, assets)
  confineSession(session.defaultSession)
  attachIpc(ipcMain, ipc)
  desktop.start()
  joinSystem(system, desktop, notifier)
  updates.start()
}

function trayIcon(): string {
  return process.platform === 'darwin' ? 'icons/trayTemplate.png' : join('icons', 'tray.png')
}

function fail(error: unknown): void {
  process.stderr.write(`Nodestead could not start. ${describeError(error)}\n`)
  app.exit(1)
}
