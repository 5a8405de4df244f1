import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeError } from '../../../node-core/base/errors.ts'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { RIVALS } from '../../../node-core/command/flags.ts'
import { configEntries, configText } from '../../../node-core/command/help/print-config.ts'
import { readCommandLine, withPlace } from '../../../node-core/command/reading/command-line.ts'
import { nodeChoices } from '../../../node-core/command/node-options.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodestead-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(folder, `${Math.random()}.toml`)
  writeFileSync(path, text)
  return path
}

const read = (argv: string[], env: Record<string, string> = {}) => readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env })
const problem = (argv: string[], env: Record<string, string> = {}): string => {
  try {
    read(argv, env)
    return 'no error'
  } catch (error) {
    return describeError(error)
  }
}

describe('where a value comes from', () => {
  it('is the flag before the environment, that before the file, and that before nothing', () => {
    const config = file('name = "file"\nport = 1\nrpc-port = 2\nvalidator = true\nbootnodes = ["/a", "/b"]\n')
    const { values, origins } = read(['--config', config, '--name', 'flag'], { NODESTEAD_NAME: 'environment', NODESTEAD_PORT: '3' })
    expect(values).toEqual({ config, name: 'flag', port: '3', 'rpc-port': '2', validator: true, bootnodes: ['/a', '/b'] })
    expect([...origins].map(([name, { source }]) => [name, source])).toEqual([
      ['config', 'flag'], ['name', 'flag'], ['port', 'environment'], ['rpc-port', 'file'], ['validator', 'file'], ['bootnodes', 'file'],
    ])
  })

  it('lets a switch be turned off nearer than it is turned on', () => {
    const config = file('validator = true\nupnp = true\nquic = true\n')
    expect(read(['--config', config, '--validator=false', '--quic=true'], { NODESTEAD_UPNP: 'false' }).values).toEqual({ config, quic: true })
  })

  it('takes back what excludes what is said nearer', () => {
    const config = file('base-path = "/data"\nbob = true\nprometheus-port = 1\n')
    expect(read(['--tmp', '--alice', '--no-prometheus'], { NODESTEAD_CONFIG: config }).values).toEqual({ config, tmp: true, alice: true, 'no-prometheus': true })
    expect(read(['--tmp=false'], { NODESTEAD_CONFIG: config }).values).toMatchObject({ 'base-path': '/data' })
  })

  it('is, for a command, the top of the file and the table of its name', () => {
    const config = file('chain = "local"\nname = "N"\n[build-spec]\nraw = true\nport = 7\n[run]\nport = 8\n')
    expect(read(['build-spec', '--config', config]).values).toEqual({ config, chain: 'local', raw: true, port: '7' })
    expect(read(['--config', config]).values).toEqual({ config, chain: 'local', name: 'N', port: '8' })
  })

  it('takes several values out of a variable, by spaces', () => {
    expect(read([], { NODESTEAD_BOOTNODES: '/a  /b', NODESTEAD_LOG: 'info babe=off' }).values).toEqual({ bootnodes: ['/a', '/b'], log: ['info', 'babe=off'] })
  })

  it('is told where a value is wrong', () => {
    const config = file('port = 70000\n')
    const { values, origins } = read(['--config', config])
    const told = (): string => {
      try {
        nodeChoices(values, () => '')
        return 'no error'
      } catch (error) {
        return describeError(withPlace(error, origins))
      }
    }
    expect(told()).toBe(`--port takes a port from 0 to 65535, not "70000". It comes from the file ${config}. See --help for what there is.`)
  })

  it('leaves alone what is another variable', () => {
    expect(read([], { NODESTEAD_FLAGS: '--dev', NODESTEAD_CPU_PROF: '1', NODESTEAD_SOMETHING_ELSE: 'x' }).values).toEqual({})
  })
})

describe('what was saved in the base folder', () => {
  const saved = (name: string, text: string): { readonly base: string; readonly path: string } => {
    const base = join(folder, name)
    mkdirSync(base)
    writeFileSync(join(base, 'nodestead.toml'), text, { mode: 0o600 })
    return { base, path: join(base, 'nodestead.toml') }
  }
  const from = (defaultFolder: string, argv: string[], env: Record<string, string> = {}) => readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env, defaultFolder })

  it('counts behind flags and the environment, and --print-config names it', () => {
    const { base, path } = saved('usual', 'chain = "westend"\nname = "file"\nport = 1\nrpc-port = 2\n')
    const { command, values, origins, saved: counted } = from(base, ['run', '--name', 'flag'], { NODESTEAD_PORT: '3' })
    expect(values).toEqual({ name: 'flag', port: '3', chain: 'westend', 'rpc-port': '2' })
    expect(counted).toBe(path)
    expect(configEntries(command, origins).find(({ flag }) => flag === 'chain')).toEqual({ flag: 'chain', value: 'westend', source: 'file', where: path })
    expect(configText(command, origins)).toContain(`chain = "westend"  # file ${path}`)
  })

  it('is looked for in the folder that is named, and counts for the node alone', () => {
    const [usual, other] = [saved('first', 'chain = "westend"\n'), saved('second', 'chain = "paseo"\n')]
    expect(from(usual.base, ['--base-path', other.base]).values).toEqual({ 'base-path': other.base, chain: 'paseo' })
    expect(from(usual.base, [], { NODESTEAD_BASE_PATH: other.base }).values).toEqual({ 'base-path': other.base, chain: 'paseo' })
    expect(from(usual.base, ['--base-path', join(folder, 'none')]).values).toEqual({ 'base-path': join(folder, 'none') })
    expect(from(usual.base, ['purge-chain']).values).toEqual({})
    expect(from(usual.base, ['--help']).values).toEqual({ help: true })
  })

  it.each([[['--chain', 'kusama']], [['--dev']], [['--no-config']], [['--config', 'OTHER']]])('is put aside by %s', (argv) => {
    const { base } = saved(`aside ${argv.join(' ').replaceAll('-', '')}`, 'chain = "westend"\nvalidator = true\n')
    const other = file('name = "other"\n')
    const line = from(base, argv.map((word) => (word === 'OTHER' ? other : word)))
    expect([line.saved, line.values['validator'], line.values['chain']]).toEqual([undefined, undefined, argv[0] === '--chain' ? 'kusama' : undefined])
    expect(from(base, [], { NODESTEAD_NO_CONFIG: 'true' }).values).toEqual({ 'no-config': true })
    expect(from(base, ['--dev=false']).values).toMatchObject({ chain: 'westend' })
  })

  it('that is wrong says how to go without it, and one that others can write is not used', () => {
    const { base, path } = saved('wrong', 'chain = 1.5\n')
    const said = (): string => {
      try {
        from(base, [])
        return 'no error'
      } catch (error) {
        return describeError(error)
      }
    }
    expect(said()).toMatch(/'chain' in .*nodestead.toml takes a text or a whole number\..*--no-config starts without it\./)
    if (process.platform === 'win32') return
    writeFileSync(path, 'chain = "westend"\n')
    chmodSync(path, 0o666)
    expect(said()).toContain('other users can have written it')
    chmodSync(path, 0o644)
    expect(said()).toBe('no error')
  })
})

describe('what is refused', () => {
  it.each([
    ['ports = 1', "Unknown key 'ports' in", '; did you mean port?'],
    ['frobnicate = 1', "Unknown key 'frobnicate' in", '.'],
    ['[build-spec]\nrow = true', "Unknown key 'row' in [build-spec] of", '; did you mean raw?'],
    ['[build-spec]\nvalidator = true', "Unknown key 'validator' in [build-spec] of", '.'],
    ['[nothing]\na = 1', "Unknown key 'nothing' in", '.'],
    ['validator = "yes"', "'validator' in", 'takes true or false.'],
    ['port = 1.5', "'port' in", 'takes a text or a whole number.'],
    ['name = ""', "'name' in", 'takes a text that is not empty.'],
    ['bootnodes = [true]', "'bootnodes' in", 'takes a text, or a list of texts.'],
    ['help = true', "'help' in", 'goes on the command line alone.'],
    ['config = "x"', "'config' in", 'goes on the command line alone.'],
    ['node-key = "secret', 'cannot be used: Invalid TOML document', 'It has the form of TOML'],
  ])('%j', (text, ...expected) => {
    const said = problem(['--config', file(text)])
    for (const part of expected) expect(said).toContain(part)
    expect(said).not.toContain('secret')
  })

  it('a file that is not there, and a variable that is nearly one', () => {
    expect(problem(['--config', join(folder, 'none')])).toContain('there is no such file. Correct --config.')
    expect(problem([], { NODESTEAD_BASEPATH: '/x' })).toContain('NODESTEAD_BASEPATH is unknown; did you mean NODESTEAD_BASE_PATH?')
    expect(problem([], { NODESTEAD_VALIDATOR: 'maybe' })).toContain('NODESTEAD_VALIDATOR takes true or false, not "maybe".')
    expect(problem([], { NODESTEAD_NAME: ' ' })).toContain('NODESTEAD_NAME must not be empty.')
  })

  it('nothing, where help is asked for', () => {
    expect(problem(['--help', '--config', join(folder, 'none')])).toBe('no error')
  })
})

describe('--print-config', () => {
  it('shows each value and where it came from, and is a configuration file that says the same', () => {
    const config = file('port = 1\nbootnodes = ["/a"]\n')
    const first = read(['--config', config, '--name', 'Ein "Name"', '--validator', '--log', 'info,babe=trace'], { NODESTEAD_RPC_CORS: 'all' })
    const text = configText(first.command, first.origins)
    expect(text).toContain('name = "Ein \\"Name\\""  # command line')
    expect(text).toContain(`port = "1"  # file ${config}`)
    expect(text).toContain('rpc-cors = "all"  # NODESTEAD_RPC_CORS')
    expect(text).toContain('# rpc-port = 9944  # default')
    const again = read(['--config', file(text)])
    const { config: _, ...values } = first.values
    expect(again.values).toEqual({ ...values, config: again.values['config'] })
    expect(configText(again.command, read(['--config', file(configText(again.command, again.origins))]).origins).replaceAll(/file \S+/g, 'file')).toBe(configText(again.command, again.origins).replaceAll(/file \S+/g, 'file'))
  })

  it('shows no secret', () => {
    const { command, origins } = read(['--node-key', 'ab'.repeat(32)])
    expect(configText(command, origins)).not.toContain('abab')
    expect(JSON.stringify(configEntries(command, origins))).not.toContain('abab')
    expect(configEntries(command, origins)).toContainEqual({ flag: 'node-key', value: null, source: 'flag', where: '--node-key' })
  })
})
