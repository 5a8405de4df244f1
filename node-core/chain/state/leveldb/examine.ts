/**
 * Looks at the files of a LevelDB database before it is opened. LevelDB makes an empty database where CURRENT is missing, passes over a
 * hole in a log, and deletes tables that a torn MANIFEST does not name any more: it would go on with less, in silence. So what it
 * would do that with is told before, and the files stay as they are.
 */
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { scanLog } from './log-file.ts'
import { readManifest } from './manifest.ts'
import { hasGoodEnd } from './table-file.ts'

const TABLE = /^(\d+)\.(ldb|sst)$/
const LOG = /^(\d+)\.log$/
const MANIFEST = /^MANIFEST-\d+$/
/** Tables whose size is compared at each opening, the newest: thousands are looked at in some hundredths of a second. */
const MAX_TABLES = 4096
/** Of which the end is read: those that are merged next, perhaps while this node opens. */
const MAX_ENDS = 128

/** What was found: no database at all, or a database with the reason why it must not be opened as it is. */
export type Examination = { readonly exists: false } | { readonly exists: true; readonly damage: string | undefined }

/** Throws what the system says where the folder cannot be read. */
export async function examineLevel(path: string): Promise<Examination> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (stats === undefined) return { exists: false }
  if (!stats.isDirectory()) return { exists: true, damage: `${path} is a file and not a folder` }
  const names = await readdir(path)
  const logs = numbers(names, LOG)
  const tables = numbers(names, TABLE)
  if (!names.includes('CURRENT')) {
    // A MANIFEST alone is what a crash leaves in the middle of making a database.
    return logs.length + tables.length === 0 ? { exists: false } : { exists: true, damage: 'its file CURRENT is missing' }
  }
  return { exists: true, damage: await damageOf(path, names, logs, tables) }
}

/** False for a folder in which LevelDB left nothing but its lock and its own log. */
export async function hasLevel(path: string): Promise<boolean> {
  if (await stat(join(path, 'CURRENT')).then(() => true, () => false)) return true
  return examineLevel(path).then(({ exists }) => exists, () => true)
}

async function damageOf(path: string, names: readonly string[], logs: readonly number[], tables: readonly number[]): Promise<string | undefined> {
  const current = await text(join(path, 'CURRENT'))
  const name = current?.trimEnd() ?? ''
  if (!MANIFEST.test(name) || current !== `${name}\n`) return 'its file CURRENT does not name a MANIFEST'
  if (!names.includes(name)) return `its file ${name} is missing`
  const bytes = await contents(join(path, name))
  const scan = bytes && scanLog(bytes)
  const manifest = scan && readManifest(scan.records)
  if (scan === undefined || manifest === undefined || scan.hasHole || scan.records.length === 0) return `its file ${name} does not read`
  // The log that the MANIFEST names is there as long as no later edit names another; after a repair it names none.
  if (manifest.logNumber > 0 && !logs.includes(manifest.logNumber) && Math.max(0, ...logs, ...tables) > manifest.logNumber) return `its file ${name} is cut off, or ${fileName(manifest.logNumber)} is missing`
  for (const log of logs.filter((number) => number >= manifest.logNumber)) {
    const content = await contents(join(path, fileName(log)))
    if (content === undefined || scanLog(content).hasHole) return `its file ${fileName(log)} has a hole`
  }
  return wrongTable(path, names, manifest.tables)
}

/** A table that is missing, of another size than it was written with, or with something wrong behind its data. */
async function wrongTable(path: string, names: readonly string[], tables: ReadonlyMap<number, number>): Promise<string | undefined> {
  const byNumber = new Map(names.flatMap((name) => (TABLE.test(name) ? [[Number.parseInt(name, 10), name] as const] : [])))
  const newest = [...tables].sort(([a], [b]) => b - a).slice(0, MAX_TABLES)
  for (const [i, [number, size]] of newest.entries()) {
    const name = byNumber.get(number)
    if (name === undefined) return `its table ${number} is missing`
    const found = await stat(join(path, name))
    if (!found.isFile() || found.size !== size) return `its table ${name} has ${found.size} bytes in place of ${size}`
    if (i < MAX_ENDS && !(await isWhole(join(path, name), size))) return `its table ${name} has a damaged end`
  }
  return undefined
}

async function isWhole(path: string, size: number): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    return await hasGoodEnd(file, size)
  } finally {
    await file.close()
  }
}

function numbers(names: readonly string[], form: RegExp): number[] {
  return names.flatMap((name) => (form.test(name) ? [Number.parseInt(name, 10)] : []))
}

function fileName(log: number): string {
  return `${String(log).padStart(6, '0')}.log`
}

/** Undefined for what is no file. */
async function contents(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR') return undefined
    throw error
  })
}

async function text(path: string): Promise<string | undefined> {
  const bytes = await contents(path)
  return bytes && new TextDecoder().decode(bytes)
}
