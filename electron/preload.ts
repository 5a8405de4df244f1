/**
 * The preload script: runs sandboxed in the window before the page and gives it exactly one thing, the bridge of
 * channel.ts. It is bundled into a single CommonJS file, for a sandboxed preload can require nothing but `electron`.
 */
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import { CHANNEL, type NodesteadBridge } from './channel.ts'

const bridge: NodesteadBridge = {
  request: (message) => ipcRenderer.invoke(CHANNEL, message) as Promise<string>,
  onEvent: (listener) => {
    const onMessage = (_event: IpcRendererEvent, message: string): void => listener(message)
    ipcRenderer.on(CHANNEL, onMessage)
    return () => ipcRenderer.off(CHANNEL, onMessage)
  },
  pathOf: (file) => webUtils.getPathForFile(file),
}

contextBridge.exposeInMainWorld('nodestead', bridge)
