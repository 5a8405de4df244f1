/**
 * `npm start`: builds what is missing and opens the app. Where no window can be had it says why, and runs the same node
 * headless with its dashboard in the browser. Arguments go to the node.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { defaultBasePath } from '../node-core/command/base-path.ts'
import { buildAll } from './build.ts'
import { buildChainSpecs } from './chain-specs.ts'
import { findOfficialElectron, type ElectronDist } from './electron-dist.ts'
import { main, ROOT, say, step } from './terminal.ts'

main(async () => {
  await step('chain specifications', buildChainSpecs)
  await step('app', buildAll)
  const electron = await findWindow()
  const args = process.argv.slice(2)
  if (typeof electron !== 'string') {
    await runToEnd(electron.executable, [ROOT, ...args])
    return
  }
  say(`\n${electron} The node runs headless instead; its dashboard is in the browser.\n`)
  const flags = args.length > 0 ? args : ['--dev', '--base-path', defaultBasePath()]
  await runToEnd(process.execPath, [join(ROOT, 'node-core', 'command', 'cli.ts'), '--dashboard', ...flags])
})

/** An Electron that can open a window here, or the sentence that says why there is none. */
async function findWindow(): Promise<ElectronDist | string> {
  if (process.platform === 'linux') {
    if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set.'
    if (process.getuid?.() === 0) return 'You are root, and Electron does not run as root with its sandbox on.'
  }
  return (await findOfficialElectron()) ?? 'Electron is not installed and cannot be downloaded from here.'
}

/** Runs in the foreground; the terminal's signals reach the child too, so this process only waits for it. */
function runToEnd(command: string, args: readonly string[]): Promise<void> {
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  process.on('SIGTERM', ignore)
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' })
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.on('error', reject)
    child.on('exit', (code) => {
      process.exitCode = code ?? 0
      resolve()
    })
  })
}
