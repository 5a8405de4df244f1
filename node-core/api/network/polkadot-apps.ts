/**
 * The way to polkadot.js: its page in the browser of this computer, told where this node is. Nothing of the address comes from a page or
 * a file: it is written here, but for the port.
 */
const PAGE = 'https://polkadot.js.org/apps/'

/** Of an `address` such as `ws://127.0.0.1:9944`; undefined for anything but a port of this computer's own. */
export function polkadotAppsUrl(address: string | undefined): string | undefined {
  const port = Number(/^ws:\/\/127\.0\.0\.1:(\d{1,5})$/.exec(address ?? '')?.[1])
  return Number.isInteger(port) && port > 0 && port < 65_536 ? `${PAGE}?rpc=${encodeURIComponent(`ws://127.0.0.1:${port}`)}` : undefined
}
