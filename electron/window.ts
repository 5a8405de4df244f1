/**
 * The window: sandboxed, without Node, showing our own page and nothing else. It remembers where it was; it opens no
 * other windows, goes nowhere, and is granted no permission.
 */
import { app, BrowserWindow, nativeTheme, screen, type DownloadItem, type Rectangle, type Session } from 'electron'
import { extname, join } from 'node:path'
import { APP_URL, GUIDE_URL, isAppUrl, isOwnBlob } from './app-url.ts'
import type { SettingsStore } from './settings.ts'

export const MINIMUM_SIZE = { width: 880, height: 600 }
const DEFAULT_SIZE = { width: 1200, height: 800 }
const DRAWING_LIMIT_MS = 5_000

export interface WindowOptions {
  readonly preload: string
  readonly icon: string
}

export interface NewWindow extends WindowOptions {
  /** The page begins with the guide of the first run. */
  readonly guide?: boolean
}

export function createWindow(settings: SettingsStore, options: NewWindow): BrowserWindow {
  const saved = settings.get().window
  const bounds = saved !== undefined && isOnScreen(saved) ? { x: saved.x, y: saved.y, width: saved.width, height: saved.height } : DEFAULT_SIZE
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title: 'Nodestead',
    icon: options.icon,
    show: false,
    // The page's own background, so that nothing flashes before it is drawn.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0e1514' : '#f5f8f7',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (saved?.maximized === true) window.maximize()
  confine(window)
  window.on('close', () => rememberWindow(window, settings))
  window.once('ready-to-show', () => window.show())
  void window.loadURL(options.guide === true ? GUIDE_URL : APP_URL)
  return window
}

/** Resolves when the window was drawn for the first time, or is gone, or does not come to it: nobody waits for a picture for long. */
export function isDrawn(window: BrowserWindow): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, DRAWING_LIMIT_MS)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    window.once('ready-to-show', done)
    window.once('closed', done)
  })
}

/** Keeps where the window is for the next start. */
export function rememberWindow(window: BrowserWindow, settings: SettingsStore): void {
  settings.update({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
}

/** Denies everything a page can ask of its window. */
function confine(window: BrowserWindow): void {
  const { webContents } = window
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  webContents.on('will-navigate', (details) => {
    if (!isAppUrl(details.url)) details.preventDefault()
  })
  webContents.on('will-redirect', (details) => details.preventDefault())
  webContents.on('will-attach-webview', (event) => event.preventDefault())
}

/**
 * Copying text, and saving what it made itself, are what the page may ask for: no camera, no location, no notifications,
 * no device, no download from elsewhere.
 */
export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === 'clipboard-sanitized-write'))
  session.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write')
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event, item) => {
    if (isOwnBlob(item.getURL())) askWhere(item)
    else event.preventDefault()
  })
}

/** The system's own dialog asks where a file goes; the page never learns the answer. */
function askWhere(item: DownloadItem): void {
  const name = item.getFilename()
  const extension = extname(name).slice(1)
  item.setSaveDialogOptions({
    defaultPath: join(app.getPath('downloads'), name),
    ...(extension === '' ? {} : { filters: [{ name: extension.toUpperCase(), extensions: [extension] }] }),
  })
}

/** True where enough of the window would be visible to take hold of it: screens come and go. */
function isOnScreen(bounds: Rectangle): boolean {
  const { workArea } = screen.getDisplayMatching(bounds)
  const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x)
  const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height) - Math.max(bounds.y, workArea.y)
  return width >= 100 && height >= 100
}

/** A screen went away: the window comes to one that is still there. */
export function keepOnScreen(window: BrowserWindow): void {
  if (!isOnScreen(window.getBounds())) window.center()
}

/** Brings the window to the front, whatever it was doing. */
export function reveal(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
