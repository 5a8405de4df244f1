/** Where the app's own page lives: a scheme of its own, so that it has an origin and never touches `file:`. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'nodestead'
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`
/** The page is told so that it need not ask before it draws anything. */
export const GUIDE_URL = `${APP_URL}?guide`
/** The page shows a node elsewhere, of this name. What it is told by this is how to look and to speak, not whom it may ask. */
export function managedUrl(name: string): string {
  return `${APP_URL}?managed=${encodeURIComponent(name)}`
}

/** True for addresses of our own page, and for nothing that only looks like one. */
export function isAppUrl(url: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(url)
    return protocol === `${APP_SCHEME}:` && host === APP_HOST && username === '' && password === ''
  } catch {
    return false
  }
}

/** True for what our own page put together in memory to be saved. */
export function isOwnBlob(url: string): boolean {
  return url.startsWith(`blob:${APP_SCHEME}://${APP_HOST}/`)
}
