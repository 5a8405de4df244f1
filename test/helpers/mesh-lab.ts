/**
 * Some computers and a router between them, each a network namespace, with a cable to each that can be pulled. Addresses are 10.78.<computer>.2. Names carry
 * the process id, and {@link MeshLab.remove} ends what was started, by its own handle, before it removes them.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { COMPILED } from './compiled.ts'
import { run, type LabProcess } from './router-lab.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/.bin/node')
const WAIT_MS = 30_000

/** Why it cannot be built here; undefined where it can. */
export function whyNoMesh(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces take root'
  return spawnSync('sh', ['-c', 'command -v ip']).status === 0 ? undefined : 'ip is missing: node build/system-deps.ts installs it'
}

export class MeshLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'nodestead-mesh-'))
  readonly #id = `m${process.pid}`
  readonly #size: number
  readonly #children = new Set<ChildProcess>()

  constructor(size: number) {
    this.#size = size
    try {
      run('ip', 'netns', 'add', this.#name('router'))
      run('ip', 'netns', 'exec', this.#name('router'), 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
      for (let i = 0; i < size; i++) {
        run('ip', 'netns', 'add', this.#name(i))
        run('ip', '-n', this.#name(i), 'link', 'set', 'lo', 'up')
        run('ip', 'link', 'add', 'eth', 'netns', this.#name(i), 'type', 'veth', 'peer', 'name', `port${i}`, 'netns', this.#name('router'))
        for (const [place, device, address] of [[i, 'eth', this.address(i)], ['router', `port${i}`, `10.78.${i}.1`]] as const) {
          run('ip', '-n', this.#name(place), 'addr', 'add', `${address}/24`, 'dev', device)
          run('ip', '-n', this.#name(place), 'link', 'set', device, 'up')
        }
        run('ip', '-n', this.#name(i), 'route', 'add', 'default', 'via', `10.78.${i}.1`)
      }
    } catch (error) {
      this.#removeNamespaces()
      throw error
    }
  }

  address(computer: number): string {
    return `10.78.${computer}.2`
  }

  /** Pulls the cable of a computer, or puts it back. */
  cable(computer: number, plugged: boolean): void {
    run('ip', '-n', this.#name('router'), 'link', 'set', `port${computer}`, plugged ? 'up' : 'down')
  }

  /** Runs a command of a computer. Throws with what it said where it fails. */
  command(computer: number, ...command: readonly string[]): string {
    return run('ip', 'netns', 'exec', this.#name(computer), ...command)
  }

  /** A program of a computer, as a module for Node.js; what it writes to standard output when it has ended. */
  async program(computer: number, code: string): Promise<string> {
    const child = spawn('ip', ['netns', 'exec', this.#name(computer), NODE, '--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.add(child)
    let output = ''
    child.stdout.on('data', (data: Buffer) => (output += data.toString()))
    await once(child, 'close')
    return output
  }

  /** See net-node.ts. */
  startNet(computer: number, options: Record<string, unknown>): LabProcess {
    const child = spawn('ip', ['netns', 'exec', this.#name(computer), NODE, join(ROOT, 'test/helpers/net-node.ts'), JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'], cwd: ROOT, env: { ...process.env, ...COMPILED } })
    this.#children.add(child)
    const lines: Record<string, unknown>[] = []
    const errors: string[] = []
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>)
      else errors.push(line)
    })
    createInterface(child.stderr).on('line', (line) => {
      errors.push(line)
      if (errors.length > 200) errors.shift()
    })
    child.stdin.on('error', () => undefined)
    return { child, lines, errors }
  }

  async stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_MS)
    await end
    clearTimeout(timer)
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.stop(child)))
    this.#removeNamespaces()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #removeNamespaces(): void {
    for (const name of ['router', ...Array.from({ length: this.#size }, (_, i) => i)]) spawnSync('ip', ['netns', 'delete', this.#name(name)])
  }

  #name(place: string | number): string {
    return `${this.#id}-${place}`
  }
}
