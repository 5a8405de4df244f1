/**
 * Which process holds a TCP port, as far as that can be told cheaply: on Linux from /proc, for processes that this user
 * may look into. It only serves an error message.
 */
import { readFile, readdir, readlink } from 'node:fs/promises'
import { processName } from '../../../base/process-name.ts'

/** State `0A` in /proc/net/tcp: listening. */
const LISTEN = '0A'

/** Inodes of the sockets that listen on `port`, from the text of /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.split(':').at(-1) === wanted && fields[3] === LISTEN)
    .map((fields) => fields[9] ?? '')
    .filter((inode) => inode !== '')
}

/** Program and id, such as `polkadot (pid 4711)`; undefined where it cannot be found out. */
export async function portHolder(port: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'latin1').catch(() => '')))
  const links = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`))
  if (links.size === 0) return undefined
  const entries = await readdir('/proc').catch(() => [])
  for (const pid of entries.filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')
      if (!links.has(target)) continue
      return `${(await processName(Number(pid))) ?? 'a process'} (pid ${pid})`
    }
  }
  return undefined
}
