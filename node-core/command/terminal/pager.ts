/** A long text, shown page by page on a terminal, by the program that the user has for that: `PAGER`, or the one that comes with the system. */
import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** The command line of the pager; undefined where none is wanted: `NO_PAGER` is set, `PAGER` is empty or `cat`, or the terminal cannot move its cursor. */
export function pagerOf({ NO_PAGER: none = '', PAGER: own, TERM: terminal }: Environment, platform: NodeJS.Platform = process.platform): string | undefined {
  if (none !== '' || terminal === 'dumb') return undefined
  const command = own?.trim()
  if (command === '' || command === 'cat') return undefined
  return command ?? (platform === 'win32' ? 'more' : 'less')
}

/** Resolves with whether it was shown, when its reader has had enough. Nothing is shown where the pager is not there. */
export async function showPaged(command: string, text: string, env: Environment): Promise<boolean> {
  // Colours as they are, and no waiting where all of it fits; what the user has set goes before.
  const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env: { ...env, LESS: env['LESS'] ?? 'FRX', LV: env['LV'] ?? '-c' } })
  // Whoever leaves before the end has read enough.
  child.stdin.on('error', () => undefined)
  // Ctrl-C is the pager's.
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  try {
    child.stdin.end(text)
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(NOT_THERE))
      child.once('close', (ended) => resolve(ended))
    })
    return code !== NOT_THERE && code !== NOT_RUNNABLE && !(process.platform === 'win32' && code !== 0)
  } finally {
    process.off('SIGINT', ignore)
  }
}

/** How a shell says that there is no such program, or none that can be run. */
const NOT_THERE = 127
const NOT_RUNNABLE = 126
