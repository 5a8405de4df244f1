/** The system's dialogs to choose a folder or a file. The page gets the path of what the person chose, and of nothing else. */
import { dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron'
import { folderDoor } from './folder-door.ts'
import type { FileDialogs } from '../node-core/api/trpc.ts'

export function fileDialogs(window: () => BrowserWindow | undefined): FileDialogs {
  const ask = async (options: OpenDialogOptions): Promise<string | undefined> => {
    const parent = window()
    const { filePaths } = await (parent === undefined ? dialog.showOpenDialog(options) : dialog.showOpenDialog(parent, options))
    return filePaths[0]
  }
  return {
    pickFolder: () => ask({ properties: ['openDirectory', 'createDirectory'] }),
    pickFile: () => ask({ properties: ['openFile'], filters: [{ name: 'JSON', extensions: ['json', 'chainspec'] }] }),
    openFolder: folderDoor((path) => shell.openPath(path)),
  }
}
