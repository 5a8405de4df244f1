/** Frames per second while the window scrolls through ten thousand peers and through a hundred thousand log lines, in a real Electron. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import type { Report } from './report.ts'
import { ensureTestElectron } from '../../build/electron-dist.ts'
import { ROOT, run } from '../../build/terminal.ts'
import { mainConfig, preloadConfig, rendererConfig } from '../../build/vite.config.ts'

const APP = join(ROOT, '.cache', 'bench-scroll')

interface Figures {
  readonly framesPerSecond: number
  readonly p99Ms: number
  readonly rows: number
}

/** Goal, where the screen draws 60. */
const GOAL = 50

export async function benchScroll(report: Report): Promise<void> {
  const electron = await ensureTestElectron()
  await mkdir(APP, { recursive: true })
  await build(mainConfig({ out: APP, entries: { main: 'test/bench/electron/scroll-main.ts' } }))
  await build(preloadConfig(APP))
  await build(rendererConfig(APP))
  await writeFile(join(APP, 'package.json'), JSON.stringify({ name: 'nodestead-bench', version: '0.1.0', type: 'module', main: 'main/main.js' }))

  const command = [electron.executable, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), APP]
  if (process.platform === 'linux' && process.env['DISPLAY'] === undefined) command.unshift('xvfb-run', '-a')
  const [program, ...args] = command as [string, ...string[]]
  const output = await run(program, args, { timeoutMs: 120_000 })
  const line = output.split('\n').find((text) => text.startsWith('RESULT '))
  if (line === undefined) throw new Error(`the window gave no result: ${output.slice(-500)}`)
  const { peers, logs } = JSON.parse(line.slice('RESULT '.length)) as { peers: Figures; logs: Figures & { searchMs: number } }
  const tell = (what: string, { framesPerSecond, p99Ms, rows }: Figures, more = ''): void =>
    report(
      `${what} scroll, frames per second / ${GOAL} (goal >= 1)`,
      framesPerSecond / GOAL,
      `${framesPerSecond.toFixed(0)} frames/s, slowest of a hundred ${p99Ms.toFixed(0)} ms, ${rows} rows drawn${more}`,
    )
  tell('10,000 peers', peers)
  tell('100,000 log lines', logs, `; a search shows after ${logs.searchMs.toFixed(0)} ms`)
}
