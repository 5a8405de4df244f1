/**
 * What no page may do, whoever opened its window: laid over every page and every session that there will be, ours and a
 * library's, before the first of them is there. A page shows what it was given: it goes nowhere, opens nothing, is granted
 * nothing but to copy text, and reaches no other computer past the page's own policy.
 */
import { app, type DownloadItem, type Session, type WebContents } from 'electron'
import { url as inspectorAddress } from 'node:inspector'
import { extname, join } from 'node:path'
import { isAppUrl, isOwnBlob } from './app-url.ts'

/** Switches of Chromium that hand the window to another program. Fuses shut Node's own inspector alone. */
const REMOTE_SWITCHES = ['remote-debugging-port', 'remote-debugging-pipe', 'remote-debugging-address', 'remote-allow-origins']

const GRANTED = 'clipboard-sanitized-write'

/** Before the app is ready. */
export function confineEverything(): void {
  // Every page's process, whatever its window asks for; without the system's sandbox there is none to enable.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  // A release cannot be inspected; a packaged app that can be is one that tests drive.
  if (app.isPackaged && inspectorAddress() === undefined) for (const name of REMOTE_SWITCHES) app.commandLine.removeSwitch(name)
  app.on('web-contents-created', (_event, contents) => confinePage(contents))
  app.on('session-created', confineSession)
}

function confinePage(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  // Frames as well: our page has none.
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame || !isAppUrl(details.url)) details.preventDefault()
  })
  contents.on('will-redirect', (details) => details.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  // Calls between browsers are under no content policy: without a proxy they send nothing.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
}

/** Copying text, and saving what it made itself, are what our page may ask for: no camera, no location, no device, no download from elsewhere. */
function confineSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) => decide(permission === GRANTED && isAppUrl(requestingUrl)))
  session.setPermissionCheckHandler((_contents, permission, origin) => permission === GRANTED && isAppUrl(origin))
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
