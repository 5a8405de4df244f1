/** The app as built, and a blank Electron app beside it, as processes that tell when they were first painted. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { ensureTestElectron } from '../../build/electron-dist.ts'
import { ROOT } from '../../build/terminal.ts'
import { PROFILE_VERSION } from '../../node-core/manager/kinds/profiles.ts'
import { chainSettingsSchema } from '../../node-core/manager/kinds/chain/profile.ts'

/** Loaded before either app: it says when the window was painted, and hides the window and measures the main process's event loop when told to. */
const HOOK = `const { app, BrowserWindow } = require('electron')
const { monitorEventLoopDelay } = require('node:perf_hooks')
app.on('browser-window-created', (_event, window) => window.once('ready-to-show', () => process.stdout.write('PAINTED\\n')))
if (process.env.BENCH_ORDERS) {
  // Its timer of a millisecond costs several percent of a core: it runs once it is asked for.
  const delay = monitorEventLoopDelay({ resolution: 1 })
  process.stdin.on('data', (text) => {
    if (String(text).includes('hide')) for (const window of BrowserWindow.getAllWindows()) window.hide()
    else if (String(text).includes('measure')) delay.enable()
    else process.stdout.write('DELAY ' + JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 }) + '\\n')
  })
}
`
const BLANK = `const { app, BrowserWindow } = require('electron')
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1200, height: 800, show: false, webPreferences: { spellcheck: false } })
  window.once('ready-to-show', () => window.show())
  window.loadURL('data:text/html,<title>Blank</title><p>Blank')
})
`

export interface ProcessWithOutput {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** Resolves with what follows the word on the first line that has it from now on. */
  line(word: RegExp): Promise<RegExpExecArray>
  end(): Promise<void>
}

export class DesktopBench {
  readonly #executable: string
  readonly #env: NodeJS.ProcessEnv
  readonly #folder: string
  readonly #display: ProcessWithOutput | undefined

  static async open(folder: string): Promise<DesktopBench> {
    const { executable } = await ensureTestElectron()
    await mkdir(join(folder, 'blank'), { recursive: true })
    await writeFile(join(folder, 'hook.cjs'), HOOK)
    await writeFile(join(folder, 'blank', 'main.cjs'), BLANK)
    await writeFile(join(folder, 'blank', 'package.json'), JSON.stringify({ name: 'blank', version: '1.0.0', main: 'main.cjs' }))
    if (process.platform !== 'linux' || process.env['DISPLAY'] !== undefined) return new DesktopBench(executable, process.env, folder, undefined)
    const display = watched('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], process.env)
    const [, number] = await display.line(/^(\d+)$/)
    return new DesktopBench(executable, { ...process.env, DISPLAY: `:${number}` }, folder, display)
  }

  private constructor(executable: string, env: NodeJS.ProcessEnv, folder: string, display: ProcessWithOutput | undefined) {
    this.#executable = executable
    this.#env = env
    this.#folder = folder
    this.#display = display
  }

  /** The data folder of an app whose one network is the development network, set like this. */
  async prepare(name: string, settings: Record<string, unknown>): Promise<string> {
    const userData = join(this.#folder, name)
    await mkdir(userData, { recursive: true })
    const profile = chainSettingsSchema.parse({ name: 'Development', rpc: { port: 0 }, ...settings })
    const networks = [{ id: 'dev', kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder: join(userData, 'data'), settings: profile }]
    await writeFile(join(userData, 'settings.json'), JSON.stringify({ firstRunDone: true, toldAboutTray: true }))
    await writeFile(join(userData, 'networks.json'), JSON.stringify({ version: PROFILE_VERSION, networks }))
    return userData
  }

  start(app: 'blank' | 'nodestead', userData: string, takesOrders = false): ProcessWithOutput {
    const folder = app === 'blank' ? join(this.#folder, 'blank') : ROOT
    const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const args = [...flags, '-r', join(this.#folder, 'hook.cjs'), folder, `--user-data-dir=${userData}`]
    return watched(this.#executable, args, takesOrders ? { ...this.#env, BENCH_ORDERS: '1' } : this.#env)
  }

  async close(): Promise<void> {
    await this.#display?.end()
  }
}

export function watched(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ProcessWithOutput {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const outputs = [child.stdout, child.stderr].map((stream) => createInterface(stream))
  return {
    child,
    line: (word) =>
      new Promise((resolve, reject) => {
        const look = (line: string): void => {
          const match = word.exec(line)
          if (match === null) return
          for (const output of outputs) output.off('line', look)
          resolve(match)
        }
        for (const output of outputs) output.on('line', look)
        void ended.then(() => reject(new Error(`${command} ended without ${word}`)))
      }),
    end: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Megabytes of a process and all that it started, pages that are shared counted in parts (PSS). Linux alone tells. */
export async function treeMegabytes(root: number): Promise<number> {
  let kilobytes = 0
  for (const pid of await treeOf(root)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
  }
  return (kilobytes * 1024) / 1e6
}

/** Seconds of processor time that a process and all that it started have taken so far. Linux alone tells. */
export async function treeSeconds(root: number): Promise<number> {
  let ticks = 0
  for (const pid of await treeOf(root)) {
    const fields = await statOf(pid)
    ticks += Number(fields[UTIME] ?? 0) + Number(fields[STIME] ?? 0)
  }
  return ticks / TICKS_PER_SECOND
}

/** Of /proc/<pid>/stat, counted from the state on; the kernel's clock ticks are hundredths of a second on every platform of Node.js. */
const [PARENT, UTIME, STIME] = [1, 11, 12]
const TICKS_PER_SECOND = 100

async function statOf(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

async function treeOf(root: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = new Map<number, number>()
  for (const pid of pids) parents.set(pid, Number((await statOf(pid))[PARENT]))
  const belongs = (pid: number | undefined): boolean => pid !== undefined && (pid === root || belongs(parents.get(pid)))
  return pids.filter(belongs)
}
