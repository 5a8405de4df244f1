/**
 * Windows: sandboxed, without Node, showing our own page and nothing else (confinement.ts says what that page may not do).
 * The app's own remembers where it was.
 */
import { app, BrowserWindow, nativeTheme, screen, type Rectangle } from 'electron'
import { APP_URL, GUIDE_URL } from './app-url.ts'
import type { SettingsStore } from './settings.ts'

export const MINIMUM_SIZE = { width: 880, height: 600 }
export const DEFAULT_SIZE = { width: 1200, height: 800 }
const DRAWING_LIMIT_MS = 5_000
/** Of one window. */
const MAX_REVIVALS = 3

/** Where a window was, in device-independent pixels. */
export interface SavedWindow {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly maximized: boolean
}

export interface WindowOptions {
  readonly preload: string
  readonly icon: string
}

export interface NewWindow extends WindowOptions {
  /** The page begins with the guide of the first run. */
  readonly guide?: boolean
}

export function createWindow(saved: SavedWindow | undefined, options: NewWindow): BrowserWindow {
  const bounds = saved !== undefined && isOnScreen(saved) ? { x: saved.x, y: saved.y, width: saved.width, height: saved.height } : DEFAULT_SIZE
  const window = newWindow(bounds, options, 'Nodestead')
  if (saved?.maximized === true) window.maximize()
  void window.loadURL(options.guide === true ? GUIDE_URL : APP_URL)
  return window
}

/** A window for our page, which is shown when the page has drawn itself. */
export function newWindow(bounds: Partial<Rectangle>, options: WindowOptions, title: string): BrowserWindow {
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MINIMUM_SIZE.width,
    minHeight: MINIMUM_SIZE.height,
    title,
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
      devTools: !app.isPackaged,
    },
  })
  reviveOnCrash(window)
  window.once('ready-to-show', () => window.show())
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

/** A page whose process died is drawn anew, but not over and over. */
function reviveOnCrash(window: BrowserWindow): void {
  let left = MAX_REVIVALS
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && left-- > 0) window.webContents.reload()
  })
}

/** Keeps where the window is for the next start. */
export function rememberWindow(window: BrowserWindow, settings: SettingsStore): void {
  settings.update({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
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
