/** A round trip of the dashboard's API over our IPC link against a bare `ipcRenderer.invoke`, in one Electron window. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { ensureTestElectron } from '../../build/electron-dist.ts'
import { ROOT, run } from '../../build/terminal.ts'
import { mainConfig, preloadConfig, rendererConfig } from '../../build/vite.config.ts'

const APP = join(ROOT, '.cache', 'bench-app')
const SOURCES = join(ROOT, 'test/bench/electron')

/** `ratio` is what a call over our link costs, in bare calls: 1 would be free. The goal is 1.3. */
export async function benchTrpc(report: (name: string, ratio: number, detail: string) => void): Promise<void> {
  const electron = await ensureTestElectron()
  await mkdir(APP, { recursive: true })
  await build(mainConfig({ out: APP, entries: { main: 'test/bench/electron/main.ts' } }))
  await build(preloadConfig(APP, { source: join(SOURCES, 'preload.ts') }))
  await build(rendererConfig(APP, { source: SOURCES }))
  await writeFile(join(APP, 'package.json'), JSON.stringify({ name: 'nodestead-bench', version: '0.1.0', type: 'module', main: 'main/main.js' }))

  const command = [electron.executable, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), APP]
  if (process.platform === 'linux' && process.env['DISPLAY'] === undefined) command.unshift('xvfb-run', '-a')
  const [program, ...args] = command as [string, ...string[]]
  const output = await run(program, args, { timeoutMs: 120_000 })
  const line = output.split('\n').find((text) => text.startsWith('RESULT '))
  if (line === undefined) throw new Error(`the window gave no result: ${output.slice(-500)}`)
  const { linkMicros, bareMicros } = JSON.parse(line.slice('RESULT '.length)) as { linkMicros: number; bareMicros: number }
  report('tRPC round trip over our link, in bare invokes (goal <= 1.3)', linkMicros / bareMicros, `${linkMicros.toFixed(0)} µs against ${bareMicros.toFixed(0)} µs`)
}
