/** The product's bridge, and a bare `invoke` that crosses into the page in the same way. */
import { contextBridge, ipcRenderer } from 'electron'
import '../../../electron/preload.ts'

contextBridge.exposeInMainWorld('bare', (message: unknown) => ipcRenderer.invoke('bench:bare', message))
