/** What the developer's card says of a network's settings. Pure. */

const APPS_ORIGIN = 'https://polkadot.js.org'

/** Whether the page of polkadot.js may call the node, by the origins of its settings. */
export function appsAreAllowed(origins: readonly string[]): boolean {
  return origins.includes('*') || origins.includes(APPS_ORIGIN)
}

/** True where the browser is on the computer of the node, or at the near end of a tunnel to it. */
export function isLoopbackPage(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '127.0.0.1'
}
