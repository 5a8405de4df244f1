import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manifestOf, NODE_NEEDED } from '../../../build/headless/stage.ts'
import { gzipOf, tarOf } from '../../../build/tar.ts'
import { elementsOf, parseXml, type XmlElement } from '../../../node-core/network/nat/xml.ts'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { NODE_FLAGS, RIVALS } from '../../../node-core/command/flags.ts'
import { nodeChoices } from '../../../node-core/command/node-options.ts'
import { readCommandLine } from '../../../node-core/command/reading/command-line.ts'

const HEADLESS = join(import.meta.dirname, '../../../build/headless')
const read = (path: string): Promise<string> => readFile(join(HEADLESS, path), 'utf8')

/** `[Service]` and the like, with every value of each setting. */
function settingsOf(unit: string): (section: string, name: string) => string[] {
  let section = ''
  const found = unit.split('\n').flatMap((line): [string, string][] => {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const setting = /^(\w+)=(.*)$/.exec(line)
    return setting === null ? [] : [[`${section}.${setting[1]}`, setting[2] ?? '']]
  })
  return (wanted, name) => found.filter(([key]) => key === `${wanted}.${name}`).map(([, value]) => value)
}

describe('the unit for systemd', () => {
  it('runs as a user of its own that can write nothing but its data', async () => {
    const of = settingsOf(await read('share/systemd/nodestead.service'))
    const service = {
      DynamicUser: 'yes', StateDirectory: 'nodestead', ProtectSystem: 'strict', ProtectHome: 'yes', PrivateTmp: 'yes', NoNewPrivileges: 'yes',
      CapabilityBoundingSet: '', RestrictAddressFamilies: 'AF_INET AF_INET6 AF_NETLINK AF_UNIX',
    }
    for (const [name, value] of Object.entries(service)) expect([name, of('Service', name)]).toEqual([name, [value]])
    expect(of('Service', 'ExecStart')).toEqual(['nodestead --base-path %S/nodestead $NODESTEAD_FLAGS'])
  })

  it.each(['share/systemd/nodestead.service', 'share/systemd/user/nodestead.service'])('%s stops it as Ctrl-C does, leaves V8 its memory, and starts with flags that exist', async (path) => {
    const of = settingsOf(await read(path))
    expect(of('Service', 'KillSignal')).toEqual(['SIGINT'])
    // The command ends itself after 15 seconds at the latest.
    expect(Number(of('Service', 'TimeoutStopSec')[0])).toBeGreaterThan(15)
    expect(of('Service', 'Restart')).toEqual(['on-failure'])
    expect(of('Service', 'MemoryDenyWriteExecute')).toEqual(['no'])
    expect(of('Service', 'Environment')[1]).toMatch(/^MALLOC_MMAP_THRESHOLD_=\d+$/)
    const [, flags = ''] = /^"NODESTEAD_FLAGS=(.+)"$/.exec(of('Service', 'Environment')[0] ?? '') ?? []
    const { command, values } = readCommandLine(['--base-path', '/data', ...flags.split(' ')], { commands: COMMANDS, rivals: RIVALS, env: { NODESTEAD_FLAGS: flags } })
    expect(command.name).toBe('run')
    expect(nodeChoices(values, () => '')).toMatchObject({ temporary: false, options: { chain: 'dev', basePath: '/data' } })
  })
})

/** A property list's values as JSON has them. */
function plistValue({ name, text, children }: XmlElement): unknown {
  switch (name) {
    case 'dict':
      return Object.fromEntries(children.flatMap((child, at) => (child.name === 'key' ? [[child.text, plistValue(children[at + 1] as XmlElement)]] : [])))
    case 'array':
      return children.map(plistValue)
    case 'true':
    case 'false':
      return name === 'true'
    case 'integer':
      return Number(text)
    case 'string':
      return text
    default:
      throw new Error(`<${name}> is not expected in a property list`)
  }
}

describe('the job for launchd', () => {
  it('is well-formed, starts at login, and again after a failure', async () => {
    const [declaration, doctype, ...rest] = (await read('share/launchd/org.nodestead.node.plist')).split('\n')
    expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>')
    expect(doctype).toMatch(/^<!DOCTYPE plist PUBLIC /)
    const plist = parseXml(rest.join('\n'))
    expect(plist.name).toBe('plist')
    // XML forbids two hyphens inside a comment, which readers of less rigour let pass.
    for (const [comment] of rest.join('\n').matchAll(/(?<=<!--)[^]*?(?=-->)/g)) expect(comment).not.toContain('--')
    const job = plistValue(plist.children[0] as XmlElement)
    expect(elementsOf(plist, 'key').length).toBe(13)
    expect(job).toMatchObject({ Label: 'org.nodestead.node', RunAtLoad: true, KeepAlive: { SuccessfulExit: false }, ExitTimeOut: 30, Umask: 0o77 })
  })

  it('hands its flags to the command, in the folder of the data', async () => {
    const text = await read('share/launchd/org.nodestead.node.plist')
    const job = plistValue(parseXml(text.slice(text.indexOf('<plist'))).children[0] as XmlElement) as { ProgramArguments: string[] }
    const [shell, flag, script = '', name, ...flags] = job.ProgramArguments
    expect([shell, flag, name]).toEqual(['/bin/sh', '-c', 'nodestead'])
    expect(script).toContain('exec nodestead --base-path "$HOME/Library/Application Support/nodestead" "$@"')
    for (const said of flags.filter((word) => word.startsWith('--'))) expect([...Object.keys(NODE_FLAGS), 'log']).toContain(said.slice(2))
  })
})

describe('the manifest', () => {
  it('has the version of the project and the one dependency that is native', async () => {
    const product = JSON.parse(await readFile(join(HEADLESS, '../../package.json'), 'utf8'))
    expect(manifestOf(product, '3.0.0', { '@chainsafe/libp2p-quic-linux-x64-gnu': '2.1.4' })).toEqual({
      name: 'nodestead',
      version: product.version,
      description: expect.any(String),
      license: 'GPL-3.0-or-later',
      author: product.author,
      type: 'module',
      bin: { nodestead: 'bin/nodestead.js' },
      man: ['share/man/man1/nodestead.1'],
      engines: { node: '>=22.11' },
      dependencies: { 'classic-level': '3.0.0' },
      optionalDependencies: { '@chainsafe/libp2p-quic-linux-x64-gnu': '2.1.4' },
    })
  })

  it('asks for the Node.js that the launcher and the README ask for', async () => {
    expect(await read('launcher.js')).toContain(`var NEEDED = [${NODE_NEEDED.replace('.', ', ')}]`)
    expect(await read('README.md')).toContain(`[Node.js](https://nodejs.org) ${NODE_NEEDED} or newer`)
  })
})

describe('an archive', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodestead-tar-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const long = `${'long/'.repeat(25)}name`
  const entries = [
    { path: 'b/run.js', executable: true, body: Buffer.from('run') },
    { path: long, executable: false, body: Buffer.alloc(1024, 'x') },
    { path: 'a', executable: false, body: Buffer.alloc(0) },
  ]

  it('is unpacked by tar: names, contents, modes and time', async () => {
    await writeFile(join(folder, 'x.tar.gz'), await gzipOf(tarOf(entries, 1_764_093_600)))
    execFileSync('tar', ['-xzf', 'x.tar.gz'], { cwd: folder })
    for (const { path, executable, body } of entries) {
      const { mode, mtimeMs } = await stat(join(folder, path))
      expect([path, await readFile(join(folder, path)), (mode & 0o100) !== 0, mtimeMs]).toEqual([path, body, executable, 1_764_093_600_000])
    }
    expect(execFileSync('tar', ['-tzf', 'x.tar.gz'], { cwd: folder, encoding: 'utf8' })).toBe(`a\nb/run.js\n${long}\n`)
  })

  it('has the same bytes whatever order the folder was read in, and no name or time outside', async () => {
    const packed = await gzipOf(tarOf(entries, 1))
    expect(packed.equals(await gzipOf(tarOf([...entries].reverse(), 1)))).toBe(true)
    // RFC 1952: no flags, no time, system unknown.
    expect([...packed.subarray(2, 10)]).toEqual([8, 0, 0, 0, 0, 0, 0, 255])
    expect(gunzipSync(packed).length % 512).toBe(0)
  })

  it('refuses a path that does not fit', () => {
    expect(() => tarOf([{ path: 'x'.repeat(101), executable: false, body: Buffer.alloc(0) }], 0)).toThrow('too long')
  })
})
