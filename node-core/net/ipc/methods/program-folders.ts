/**
 * In which folders a program may share files and fetch them, and no others.
 *
 * The node reads and writes files as its user. A program in a sandbox, or one with a mistake, must not use the node to read what itself it could not (a key in the
 * user's home, shared and then fetched from somewhere else), nor to write there (a file that the desktop starts). So each program has a folder of its own,
 * `<data>/programs/<name>`, and those that the user wrote into its scopes (scopes.ts); the data folder of the node is never among them, whatever they say.
 *
 * What counts is where a path leads: links are followed first, and what is opened is looked at again once it is open (resources/real-file.ts), so that a link which is
 * put there in between leads nowhere. A program that may write into a folder and has the scope for it can share all that is in it; hard links to files of others
 * are the system's affair.
 */
import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { ownFolder } from '../../../base/whole-file.ts'
import { invalidRequest, IpcError } from '../errors.ts'
import type { Program } from '../programs.ts'
import { ALL_FOLDERS } from '../scopes.ts'

const FOLDER = 'programs'
const MAX_PATH = 4096

/** The folders of one program, links followed. */
export interface Granted {
  readonly own: string
  readonly others: readonly string[]
  readonly isAll: boolean
}

export class ProgramFolders {
  readonly #dataFolder: string

  /** `dataFolder`: of the node. */
  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder
  }

  /** As a program is told them: its own first. Those that are not there are left out. */
  async of({ name, may }: Pick<Program, 'name' | 'may'>): Promise<Granted> {
    const folder = join(this.#dataFolder, FOLDER)
    await ownFolder(folder)
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 })
    const own = await realpath(join(folder, name))
    const there = await Promise.all(may.folders.filter((each) => each !== ALL_FOLDERS).map((each) => realpath(each).catch(() => undefined)))
    return { own, others: there.filter((each) => each !== undefined), isAll: may.folders.includes(ALL_FOLDERS) }
  }

  /** Whether a path, in which no link is left, is in one of the program's folders. */
  async holds(granted: Granted, path: string): Promise<boolean> {
    if (isWithin(granted.own, path)) return true
    const data = await realpath(this.#dataFolder)
    return !isWithin(data, path) && (granted.isAll || granted.others.some((folder) => isWithin(folder, path)))
  }

  /** Where a file lies, or is to lie, links of its folders followed; that it is none itself whoever opens it sees. Rejects with NET_REQUEST_INVALID, NET_RESOURCE_FOLDER. */
  async placeOf(granted: Granted, path: string): Promise<string> {
    requirePath(path)
    const name = basename(path)
    const folder = await realpath(dirname(path)).catch(() => undefined)
    const real = folder === undefined ? undefined : join(folder, name)
    if (real === undefined || !(await this.holds(granted, real))) throw outside(path)
    return real
  }

}

/** Throws NET_REQUEST_INVALID. */
export function requirePath(path: string): void {
  if (!isAbsolute(path) || path.length > MAX_PATH || path.includes('\0')) throw invalidRequest('The path of a file is absolute.')
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** It does not tell whether there is such a file. */
function outside(path: string): IpcError {
  return new IpcError('NET_RESOURCE_FOLDER', `This lies in no folder that the program may use, or its folder is not there: ${path.slice(0, 512)}.`, {
    hint: 'Put the file into the program’s own folder, or give the program this folder in the settings under local programs (resources:<folder>).',
    data: { path: path.slice(0, 512) },
  })
}
