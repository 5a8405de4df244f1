/** Puts the IPC server onto Electron: who sent a message, how to answer, and when a window is gone. The server may come later: messages wait for it. */
import type { IpcMain, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron'
import { CHANNEL } from './channel.ts'
import type { IpcSender, IpcServer } from './ipc.ts'
import { isAppUrl } from './app-url.ts'
import type { Disposer } from '../node-core/base/disposers.ts'

export function attachIpc(ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>, server: Promise<IpcServer>): Disposer {
  const known = new Set<number>()
  ipcMain.handle(CHANNEL, async (event: IpcMainInvokeEvent, message: unknown) => {
    const contents = event.sender
    if (!known.has(contents.id)) {
      known.add(contents.id)
      endWithWindow(contents, () => void server.then((it) => it.endWindow(contents.id)), () => known.delete(contents.id))
    }
    const frame = event.senderFrame
    const sender: IpcSender = {
      id: contents.id,
      trusted: isTrustedFrame(frame),
      url: frame?.url ?? '',
      send: (payload) => {
        if (!contents.isDestroyed()) contents.send(CHANNEL, JSON.stringify(payload))
      },
    }
    return JSON.stringify(await (await server).handle(sender, message))
  })
  return () => ipcMain.removeHandler(CHANNEL)
}

/** Our own page in a main frame. A frame that is gone already (null) is not trusted. */
function isTrustedFrame(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && isAppUrl(frame.url)
}

function endWithWindow(contents: WebContents, end: () => void, forget: () => void): void {
  contents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) end()
  })
  contents.on('render-process-gone', end)
  contents.once('destroyed', () => {
    end()
    forget()
  })
}
