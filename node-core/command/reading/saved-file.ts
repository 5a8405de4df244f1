/**
 * What the guide of a first start saved in the base folder, so that the program alone starts the same node again. It is a configuration file as any other, with two
 * differences: whoever names a network, or another file, means that one alone; and because nobody names this file, it has to be the user's own.
 */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError } from '../definition/errors.ts'
import type { Layer } from './layers.ts'

const SAVED_FILE = 'nodestead.toml'
const WRITABLE_BY_OTHERS = 0o002

/** What one of these says puts the saved choices aside. */
const INSTEAD = ['config', 'no-config', 'chain', 'dev'] as const

export function savedPath(folder: string): string {
  return resolve(join(folder, SAVED_FILE))
}

/** Undefined where there is none, or where `layers` put it aside. Throws CONFIG_UNREADABLE where somebody else can have written it. */
export function savedFile(defaultFolder: string, layers: readonly Layer[]): string | undefined {
  const said = (name: string): unknown => layers.map(({ values }) => values.get(name)?.value).find((value) => value !== undefined)
  if (INSTEAD.some((name) => said(name) !== undefined && said(name) !== false)) return undefined
  const folder = said('base-path')
  const path = savedPath(typeof folder === 'string' ? folder : defaultFolder)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true) return undefined
  const user = process.geteuid?.()
  if (user !== undefined && ((found.uid !== user && found.uid !== 0) || (found.mode & WRITABLE_BY_OTHERS) !== 0)) {
    throw new CommandError('CONFIG_UNREADABLE', `The configuration file ${path} is not used: other users can have written it.`, { hint: `If it is right, name it (--config ${path}) or make it yours alone; --no-config starts without it.` })
  }
  return path
}
