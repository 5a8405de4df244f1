/** The one door to the system's file manager: the data folder of a network. Our page names the network, never a path, and what is no folder is not opened: the system would run it. */
import { stat } from 'node:fs/promises'
import { NodeError } from '../node-core/base/errors.ts'

export type FolderErrorCode = 'FOLDER_NOT_OPENED'

/** `openPath` is the system's way to show a path; it gives its error as a text, empty where there was none. */
export function folderDoor(openPath: (path: string) => Promise<string>): (path: string) => Promise<void> {
  return async (path) => {
    const isFolder = await stat(path).then((found) => found.isDirectory(), () => false)
    const error = isFolder ? await openPath(path) : undefined
    if (error === '') return
    throw new NodeError<FolderErrorCode>('FOLDER_NOT_OPENED', `The folder ${path} was not opened.`, {
      data: { path },
      hint: isFolder ? 'Open it with your file manager.' : 'It does not exist yet: it is made when the node starts for the first time.',
      cause: error,
    })
  }
}
