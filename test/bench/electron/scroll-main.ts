/**
 * The product's window over ten thousand peers that change every second, then over a hundred thousand log lines while more
 * come: it scrolls through them and counts its frames.
 */
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
import { afterASecond, fakePeers } from '../../helpers/fake-peers.ts'

const PEERS = 10_000
const LINES = 100_000
/** As many as the window takes at a time. */
const LINES_AT_ONCE = 1500
const SECONDS = 5
const HASH = `0x${'3f'.repeat(32)}`

const out = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Runs in the page. */
const TOOLS = `
  const frame = () => new Promise(requestAnimationFrame)
  const found = async (find) => {
    for (let i = 0; i < 1800; i++, await frame()) if (find()) return find()
    throw new Error('the page shows no ' + find)
  }
  const scroll = async (element) => {
    const spans = []
    const start = performance.now()
    for (let last = start; last - start < ${SECONDS * 1000}; ) {
      element.scrollTop = ((last - start) * 4) % (element.scrollHeight - element.clientHeight)
      await frame()
      const now = performance.now()
      spans.push(now - last)
      last = now
    }
    spans.sort((a, b) => a - b)
    return { framesPerSecond: (spans.length * 1000) / (performance.now() - start), p99Ms: spans[Math.floor(spans.length * 0.99)] }
  }`

const PEERS_SCROLL = `(async () => {${TOOLS}
  ;(await found(() => document.querySelector('nav button:nth-of-type(2)'))).click()
  await found(() => document.querySelector('[role=table]')?.getAttribute('aria-rowcount') === '${PEERS + 1}')
  const figures = await scroll(document.querySelector('[role=table]'))
  return { ...figures, rows: document.querySelectorAll('[data-index]').length }
})()`

const LOGS_OPEN = `(async () => {${TOOLS}
  document.querySelector('nav button:nth-of-type(8)').click()
  await found(() => document.querySelector('[role=log]'))
})()`

const LOGS_SCROLL = `(async () => {${TOOLS}
  const log = document.querySelector('[role=log]')
  await found(() => log.scrollHeight > ${LINES} * 20)
  const figures = await scroll(log)
  const rows = document.querySelectorAll('[data-level]').length
  const search = document.querySelector('input[type=search]')
  const start = performance.now()
  search.value = 'number=777'
  search.dispatchEvent(new Event('input', { bubbles: true }))
  await found(() => log.scrollHeight < ${LINES})
  return { ...figures, rows, searchMs: performance.now() - start }
})()`

async function measure(): Promise<void> {
  const assets = await AssetFolder.open(out('renderer'))
  await app.whenReady()
  serveApp(protocol, assets)
  const manager = new FakeManager({ clock: systemClock })
  await manager.start('dev')
  const network = manager.node('dev')?.network
  if (network === undefined) throw new Error('the manager does not run')
  network.details = fakePeers(PEERS, Date.now())
  const timer = setInterval(() => (network.details = afterASecond(network.details)), 1000)
  const info = { name: 'Nodestead', version: '0.1.0', host: 'desktop', platform: process.platform } as const
  attachIpc(ipcMain, Promise.resolve(new IpcServer({ context: { manager, app: info, clock: systemClock }, logger: silentLogger })))
  const window = new BrowserWindow({ width: 1280, height: 860, webPreferences: { preload: out('preload/preload.cjs'), sandbox: true, spellcheck: false } })
  await window.loadURL(APP_URL)
  const peers: unknown = await window.webContents.executeJavaScript(PEERS_SCROLL)
  clearInterval(timer)
  await window.webContents.executeJavaScript(LOGS_OPEN)
  let number = 0
  const log = (): void => manager.log(number % 50 === 0 ? 'warn' : 'info', 'core', 'imported a block', { number: number++, hash: HASH })
  while (number < LINES) {
    for (let i = 0; i < LINES_AT_ONCE; i++) log()
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  const more = setInterval(log, 20)
  const logs: unknown = await window.webContents.executeJavaScript(LOGS_SCROLL)
  clearInterval(more)
  process.stdout.write(`RESULT ${JSON.stringify({ peers, logs })}\n`)
}

registerAppScheme(protocol)
measure().then(
  () => app.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    app.exit(1)
  },
)
