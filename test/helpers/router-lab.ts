/**
 * A home, a router and the internet on one machine: three network namespaces, and Debian's miniupnpd in the middle.
 *
 *   home 10.77.0.2 ── 10.77.0.1 router 45.33.32.1 ── 45.33.32.2 wan
 *
 * The outside addresses belong to somebody, but nothing leaves the namespaces. Names carry the process id, and
 * {@link RouterLab.remove} ends what was started, by its own handle, before it removes them.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { COMPILED } from './compiled.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/.bin/node')
const WAIT_MS = 60_000

export const OUTSIDE = '45.33.32.1'

/** Why it cannot be built here; undefined where it can. */
export function whyNoLab(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  if (process.getuid?.() !== 0) return 'network namespaces take root'
  for (const command of ['ip', 'nft', 'miniupnpd']) {
    if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) return `${command} is missing: node build/system-deps.ts installs it`
  }
  return undefined
}

const RULES = (outside: string): string => `
table inet filter {
  chain miniupnpd { }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "${outside}" jump miniupnpd
    iifname != "${outside}" accept
  }
  chain prerouting {
    type nat hook prerouting priority -100;
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    jump postrouting_miniupnpd
    oifname "${outside}" masquerade
  }
}
`

export type Place = 'home' | 'router' | 'wan'

/** A process, and the lines of JSON that it said. */
export interface LabProcess {
  readonly child: ChildProcess
  readonly lines: readonly Record<string, unknown>[]
  readonly errors: readonly string[]
}

export class RouterLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'nodestead-router-'))
  readonly #id: string
  readonly #children: ChildProcess[] = []

  constructor(number: number) {
    this.#id = `n${process.pid}x${number}`
    try {
      this.#build()
    } catch (error) {
      this.#removeNamespaces()
      throw error
    }
  }

  #build(): void {
    const [inside, outside, home, wan] = ['i', 'o', 'h', 'w'].map((letter) => `${letter}${this.#id}`.slice(0, 15)) as [string, string, string, string]
    for (const place of ['home', 'router', 'wan'] as const) {
      run('ip', 'netns', 'add', this.name(place))
      this.run(place, 'ip', 'link', 'set', 'lo', 'up')
    }
    run('ip', 'link', 'add', home, 'netns', this.name('home'), 'type', 'veth', 'peer', 'name', inside, 'netns', this.name('router'))
    run('ip', 'link', 'add', wan, 'netns', this.name('wan'), 'type', 'veth', 'peer', 'name', outside, 'netns', this.name('router'))
    for (const [place, device, address] of [['home', home, '10.77.0.2'], ['router', inside, '10.77.0.1'], ['router', outside, OUTSIDE], ['wan', wan, '45.33.32.2']] as const) {
      this.run(place, 'ip', 'addr', 'add', `${address}/24`, 'dev', device)
      this.run(place, 'ip', 'link', 'set', device, 'up')
    }
    this.run('home', 'ip', 'route', 'add', 'default', 'via', '10.77.0.1')
    this.run('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    writeFileSync(join(this.folder, 'rules'), RULES(outside))
    this.run('router', 'nft', '-f', join(this.folder, 'rules'))
    this.#devices = { inside, outside }
  }

  #devices = { inside: '', outside: '' }

  /** Starts miniupnpd. Where its own outside address is none of the internet's, it says that it has none. */
  startRouter(external = OUTSIDE, refuses = false): ChildProcess {
    if (external !== OUTSIDE) {
      this.run('router', 'ip', 'addr', 'flush', 'dev', this.#devices.outside)
      this.run('router', 'ip', 'addr', 'add', `${external}/24`, 'dev', this.#devices.outside)
    }
    const conf = join(this.folder, 'miniupnpd.conf')
    writeFileSync(
      conf,
      [
        `ext_ifname=${this.#devices.outside}`, `listening_ip=${this.#devices.inside}`, 'port=5000', 'enable_upnp=yes',
        'enable_natpmp=no', 'secure_mode=yes', 'upnp_table_name=filter', 'upnp_nat_table_name=filter',
        refuses ? 'deny 0-65535 0.0.0.0/0 0-65535' : 'allow 1024-65535 10.77.0.0/24 1024-65535',
      ].join('\n') + '\n',
    )
    return this.start('router', ['miniupnpd', '-d', '-f', conf, '-P', join(this.folder, 'pid')]).child
  }

  /** A network service; see network-node.ts. */
  startNode(place: Place, name: string, options: Record<string, unknown>): LabProcess {
    return this.start(place, [NODE, join(ROOT, 'test/helpers/network-node.ts'), JSON.stringify({ dataPath: join(this.folder, name), ...options })])
  }

  /** The whole node. */
  startCli(place: Place, ...flags: string[]): LabProcess {
    return this.start(place, [NODE, join(ROOT, 'node-core/command/cli.ts'), ...flags])
  }

  start(place: Place, command: readonly string[]): LabProcess {
    const child = spawn('ip', ['netns', 'exec', this.name(place), ...command], { stdio: ['ignore', 'pipe', 'pipe'], cwd: ROOT, env: { ...process.env, ...COMPILED } })
    this.#children.push(child)
    const lines: Record<string, unknown>[] = []
    const errors: string[] = []
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>)
      else errors.push(line)
    })
    createInterface(child.stderr).on('line', (line) => errors.push(line))
    return { child, lines, errors }
  }

  run(place: Place, ...command: string[]): string {
    return run('ip', 'netns', 'exec', this.name(place), ...command)
  }

  /** `outside port>address:port` of everything that the router passes on, as the kernel has it; with ` udp` behind it where it is no TCP. */
  forwarded(): string[] {
    const rules = this.run('router', 'nft', 'list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd')
    // The protocol is a field of the header by its number, or by name, as the version of nft has it.
    return [...rules.matchAll(/(\S+) (?:th |tcp |udp )?dport (\S+) .*dnat (?:ip )?to ([\d.]+:\d+)/g)].map(([, protocol = '', from, to]) => `${from}>${to}${/^(0x11|17|udp)$/.test(protocol) ? ' udp' : ''}`).sort()
  }

  async stop(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_MS)
    await end
    clearTimeout(timer)
  }

  async remove(): Promise<void> {
    await Promise.all(this.#children.map((child) => this.stop(child)))
    this.#removeNamespaces()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #removeNamespaces(): void {
    for (const place of ['home', 'router', 'wan'] as const) spawnSync('ip', ['netns', 'delete', this.name(place)])
  }

  /** Of the namespace. */
  name(place: Place): string {
    return `${this.#id}-${place}`
  }
}

export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Looks until it is so, for half a minute. */
export async function comes<T>(look: () => T | undefined | false, what: string, by: LabProcess[] = []): Promise<T> {
  for (const end = Date.now() + WAIT_MS; ; ) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`${what} did not come\n${by.map(({ lines, errors }) => [...lines.map((line) => JSON.stringify(line)), ...errors.slice(-30)].join('\n')).join('\n--\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
