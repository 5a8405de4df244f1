/**
 * What a person calls a process, as far as that can be told cheaply: on Linux from /proc, for processes that this user may look into.
 *
 * The name that the system keeps of a process is that of its first thread, and Node.js calls it `MainThread`, whatever runs in it. So the
 * words that it was started with come first: the program, and behind an interpreter the script.
 */
import { readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'

const INTERPRETERS = /^(node|nodejs|bun|deno|electron|java|perl|php|ruby|pythonw?[\d.]*|ba?sh|dash|zsh)(\.exe)?$/
const SCRIPT = /\.([cm]?[jt]s|py|rb|pl|php|jar|sh)$/

/** Such as `polkadot` or `node server.js`; undefined where it cannot be found out. */
export async function processName(pid: number, proc = '/proc'): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const read = (file: string): Promise<string> => readFile(`${proc}/${pid}/${file}`, 'utf8').catch(() => '')
  const words = (await read('cmdline')).split('\0').filter((word) => word !== '')
  const program = nameIn(words) ?? basename(await readlink(`${proc}/${pid}/exe`).catch(() => '')).replace(/ \(deleted\)$/, '')
  return program === '' ? (await read('comm')).trim() || undefined : program
}

function nameIn([first, ...rest]: readonly string[]): string | undefined {
  // A program that names itself writes over all of its words: `nginx: master process`.
  const program = first === undefined ? undefined : first.includes(' ') ? first.trim() : basename(first).replace(/^-/, '')
  if (program === undefined || program === '' || !INTERPRETERS.test(program)) return program === '' ? undefined : program
  const script = rest.find((word) => SCRIPT.test(word)) ?? rest.find((word) => !word.startsWith('-'))
  return script === undefined ? program : `${program} ${basename(script)}`
}
