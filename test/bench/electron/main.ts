/** The app around trpc.ts's page: our IPC server as in the product, and beside it a bare handler with the same answer. */
import { app, BrowserWindow, ipcMain, protocol } from 'electron'
import { fileURLToPath } from 'node:url'
import { registerAppScheme, serveApp } from '../../../electron/app-protocol.ts'
import { APP_URL } from '../../../electron/app-url.ts'
import { attachIpc } from '../../../electron/ipc-electron.ts'
import { IpcServer } from '../../../electron/ipc.ts'
import { AssetFolder } from '../../../node-core/api/server/assets.ts'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { FakeManager } from '../../helpers/fake-manager.ts'

const out = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

async function measure(): Promise<void> {
  const assets = await AssetFolder.open(out('renderer'))
  await app.whenReady()
  serveApp(protocol, assets)
  const info = { name: 'Nodestead', version: '0.1.0', host: 'desktop', platform: process.platform } as const
  const context = { manager: new FakeManager({ clock: systemClock }), app: info, clock: systemClock }
  attachIpc(ipcMain, Promise.resolve(new IpcServer({ context, logger: silentLogger })))
  ipcMain.handle('bench:bare', () => info)
  const window = new BrowserWindow({ webPreferences: { preload: out('preload/preload.cjs'), sandbox: true, spellcheck: false } })
  await window.loadURL(APP_URL)
  const result: unknown = await window.webContents.executeJavaScript('runBench()')
  process.stdout.write(`RESULT ${JSON.stringify(result)}\n`)
}

registerAppScheme(protocol)
measure().then(
  () => app.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    app.exit(1)
  },
)
