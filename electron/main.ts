/**
 * The desktop app's entry: what must be there for the window to be seen, and not a line more. The rest of the app (run.ts) is
 * read when the window has drawn itself; what arrives for it before, from the window or from the system, waits for it: to quit,
 * too, or nobody would keep where the window was.
 *
 * A second start finds the first by the lock on the data folder, hands over, and ends; the first shows its window.
 */
import { app, ipcMain, Menu, nativeTheme, protocol, type Event as ElectronEvent } from 'electron'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { registerAppScheme, serveApp } from './app-protocol.ts'
import { confineEverything } from './confinement.ts'
import { glance } from './glance.ts'
import { attachIpc } from './ipc-electron.ts'
import { HIDDEN_FLAG } from './launch-at-login.ts'
import type { RunningApp } from './run.ts'
import { createWindow, isDrawn } from './window.ts'
import { AssetFolder } from '../node-core/api/server/assets.ts'
import { describeError } from '../node-core/base/errors.ts'

const out = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

const userData = process.env['NODESTEAD_USER_DATA'] ?? app.commandLine.getSwitchValue('user-data-dir')
if (userData !== '') {
  mkdirSync(resolve(userData), { recursive: true })
  app.setPath('userData', resolve(userData))
}

registerAppScheme(protocol)
confineEverything()
// In place of Electron's own, which opens web pages and its tools. The app's follows (menu.ts).
Menu.setApplicationMenu(Menu.buildFromTemplate([process.platform === 'darwin' ? { role: 'appMenu' } : { label: '&Nodestead', submenu: [{ role: 'quit' }] }]))
if (app.requestSingleInstanceLock()) start().catch(fail)
else app.quit()

async function start(): Promise<void> {
  const running = Promise.withResolvers<RunningApp>()
  const later = (act: (app: RunningApp) => void): void => void running.promise.then(act, () => undefined)
  app.on('second-instance', (_event, argv, folder) => later((it) => it.again(argv, folder)))
  // macOS hands links and files over like this.
  app.on('open-url', (event, link) => {
    event.preventDefault()
    later((it) => it.follow(link))
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    later((it) => it.openFile(path))
  })
  app.on('activate', () => later((it) => it.open()))
  // The app ends when it is told to, not when its window goes.
  app.on('window-all-closed', () => undefined)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
  const quitLater = (event: ElectronEvent): void => {
    event.preventDefault()
    later(() => app.quit())
  }
  app.on('before-quit', quitLater)

  const seen = glance(app.getPath('userData'))
  nativeTheme.themeSource = seen.theme
  const windowOptions = { preload: out('preload/preload.cjs'), icon: out('icons/icon-256.png') }
  const assets = await AssetFolder.open(out('renderer'))
  await app.whenReady()
  serveApp(protocol, assets)
  attachIpc(ipcMain, running.promise.then(({ ipc }) => ipc))
  const window = process.argv.includes(HIDDEN_FLAG) ? undefined : createWindow(seen.window, { ...windowOptions, guide: seen.guide })

  // This thread serves the page's files, too: reading the rest at the same time would only keep the window waiting.
  if (window !== undefined) await isDrawn(window)
  const { runApp } = await import('./run.ts')
  app.off('before-quit', quitLater)
  // Closed before anything ran: that is to quit.
  if (window?.isDestroyed() === true) return app.quit()
  running.resolve(runApp({ windowOptions, window }))
}

function fail(error: unknown): void {
  process.stderr.write(`Nodestead could not start. ${describeError(error)}\n`)
  app.exit(1)
}
