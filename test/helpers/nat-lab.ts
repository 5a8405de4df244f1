/**
 * Two homes, each behind a router of its own, and the internet between them, on one machine: five network namespaces. Linux' own masquerade is the translator: it keeps
 * the port of a connection where it can, and lets in only what answers. With `random` it gives every connection another port, whatever it leads to.
 *
 *   home1 10.77.1.2 ── router1 45.33.32.11 ──┐
 *                                            ├── wan 45.33.32.1
 *   home2 10.77.2.2 ── router2 45.33.32.12 ──┘
 *
 * The outside addresses belong to somebody, but nothing leaves the namespaces. Names carry the process id, and {@link NatLab.remove} ends what was started, by
 * its own handle, before it removes them.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { COMPILED } from './compiled.ts'
import { run, type LabProcess } from './router-lab.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/.bin/node')
const WAIT_MS = 30_000

export type NatPlace = 'wan' | 'router1' | 'router2' | 'home1' | 'home2'
const PLACES: readonly NatPlace[] = ['wan', 'router1', 'router2', 'home1', 'home2']
export const WAN = '45.33.32.1'

const RULES = (translation: string): string => `
table inet home {
  chain input { type filter hook input priority 0; policy accept; iifname "out" ct state new drop; }
  chain forward { type filter hook forward priority 0; policy drop; ct state established,related accept; iifname "in" accept; }
  chain postrouting { type nat hook postrouting priority 100; oifname "out" masquerade ${translation}; }
}
`

/** Why it cannot be built here; undefined where it can. */
export function whyNoNat(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces take root'
  for (const command of ['ip', 'nft']) {
    if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) return `${command} is missing: node build/system-deps.ts installs it`
  }
  return undefined
}

export class NatLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'nodestead-nat-'))
  readonly #id: string
  readonly #children = new Set<ChildProcess>()

  /** How each router translates: `keeps` a port, or gives a `random` one. */
  constructor(number: number, translations: readonly ['keeps' | 'random', 'keeps' | 'random']) {
    this.#id = `t${process.pid}x${number}`
    try {
      this.#build(translations)
    } catch (error) {
      this.#removeNamespaces()
      throw error
    }
  }

  #build(translations: readonly ['keeps' | 'random', 'keeps' | 'random']): void {
    for (const place of PLACES) {
      run('ip', 'netns', 'add', this.name(place))
      run('ip', '-n', this.name(place), 'link', 'set', 'lo', 'up')
    }
    run('ip', '-n', this.name('wan'), 'link', 'add', 'middle', 'type', 'bridge')
    this.#address('wan', 'middle', WAN)
    for (const number of [1, 2] as const) {
      const [router, home] = [`router${number}`, `home${number}`] as const
      run('ip', 'link', 'add', 'out', 'netns', this.name(router), 'type', 'veth', 'peer', 'name', `to${number}`, 'netns', this.name('wan'))
      run('ip', '-n', this.name('wan'), 'link', 'set', `to${number}`, 'master', 'middle', 'up')
      run('ip', 'link', 'add', 'in', 'netns', this.name(router), 'type', 'veth', 'peer', 'name', 'eth', 'netns', this.name(home))
      this.#address(router, 'out', this.outside(number))
      this.#address(router, 'in', `10.77.${number}.1`)
      this.#address(home, 'eth', `10.77.${number}.2`)
      run('ip', '-n', this.name(home), 'route', 'add', 'default', 'via', `10.77.${number}.1`)
      run('ip', 'netns', 'exec', this.name(router), 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
      const rules = join(this.folder, `rules${number}`)
      writeFileSync(rules, RULES(translations[number - 1] === 'random' ? 'fully-random' : ''))
      run('ip', 'netns', 'exec', this.name(router), 'nft', '-f', rules)
    }
  }

  /** A home's address on the internet. */
  outside(home: 1 | 2): string {
    return `45.33.32.1${home}`
  }

  /** See counting-node.ts. */
  startNode(place: NatPlace, name: string, options: Record<string, unknown>): LabProcess {
    const command = ['netns', 'exec', this.name(place), NODE, join(ROOT, 'test/helpers/counting-node.ts'), JSON.stringify({ dataPath: join(this.folder, name), port: 0, ...options })]
    const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'pipe'], cwd: ROOT, env: { ...process.env, ...COMPILED } })
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

  async remove(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.#stop(child)))
    this.#removeNamespaces()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_MS)
    await end
    clearTimeout(timer)
  }

  #address(place: NatPlace, device: string, address: string): void {
    run('ip', '-n', this.name(place), 'addr', 'add', `${address}/24`, 'dev', device)
    run('ip', '-n', this.name(place), 'link', 'set', device, 'up')
  }

  #removeNamespaces(): void {
    for (const place of PLACES) spawnSync('ip', ['netns', 'delete', this.name(place)])
  }

  /** Of the namespace. */
  name(place: NatPlace): string {
    return `${this.#id}-${place}`
  }
}
