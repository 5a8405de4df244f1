/** The window of a node elsewhere: our page in the same confinement as the app's own window, with the node's name in the title for good. */
import type { RemoteWindow } from './nodes.ts'
import { managedUrl } from '../app-url.ts'
import { DEFAULT_SIZE, newWindow, reveal, type WindowOptions } from '../window.ts'
import type { RemoteNode } from '../../node-core/api/app/remote-types.ts'

export function openRemoteWindow({ name, address }: Pick<RemoteNode, 'name' | 'address'>, options: WindowOptions): RemoteWindow {
  const window = newWindow(DEFAULT_SIZE, options, name === address ? `${address} - Nodestead` : `${name} (${address}) - Nodestead`)
  // The page has one title for every window.
  window.on('page-title-updated', (event) => event.preventDefault())
  void window.loadURL(managedUrl(name))
  return {
    id: window.webContents.id,
    reveal: () => reveal(window),
    close: () => window.close(),
    onClosed: (listener) => void window.once('closed', listener),
  }
}
