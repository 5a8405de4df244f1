/**
 * The binding in Python, as a wheel in an environment of its own: its types, what it knows of the protocol, how it reads what comes, the cases of the net's surface against
 * real nodes, and its examples as they are printed. Skipped where Python is absent.
 */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ScalarType, type DescField } from '@bufbuild/protobuf'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { VERSION } from '../../../node-core/base/version.ts'
import { file_p2pd } from '../../../node-core/net/ipc/daemon/p2pd_pb.ts'
import { file_nodestead_net_v1_ipc } from '../../../node-core/net/ipc/proto/nodestead/net/v1/ipc_pb.ts'
import { WIDEST_SCOPES } from '../../../node-core/net/ipc/scopes.ts'
import { NetLab } from '../../helpers/net-lab.ts'
import { expectToTalk, TYPESCRIPT, type Language } from '../../helpers/printed-examples.ts'
import { BINDING, installBinding, pythonEnvironment } from '../../helpers/python-binding.ts'
import { PythonDriver } from '../../helpers/python-driver.ts'
import { PythonNet } from '../../helpers/python-net.ts'
import { itHoldsAProgram, itHoldsTheSurface } from '../../helpers/surface-cases.ts'

const found = pythonEnvironment()
/** Builders and checkers take their time where the machine is busy. */
const TOOLS_MS = 600_000
const PROGRAMS = join(import.meta.dirname, 'python')

/** What it printed; rejects with all of it where it fails. */
async function python(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(found.python as string, [...args], { cwd: PROGRAMS, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } }).catch((error: { readonly stdout: string; readonly stderr: string }) => {
    throw new Error(`${error.stdout}${error.stderr}`)
  })
  return stdout
}

describe.skipIf(found.missing !== undefined)(`the binding in Python${found.missing === undefined ? '' : ` (${found.missing})`}`, () => {
  let wheel: string
  let lab: NetLab
  let driver: PythonDriver | undefined
  beforeAll(() => {
    wheel = installBinding(found.python as string)
  }, TOOLS_MS)
  beforeEach(() => {
    lab = new NetLab()
  })
  afterEach(async () => {
    // Its connections end with it.
    await driver?.stop()
    driver = undefined
    await lab.stop()
  })
  afterAll(() => driver?.stop())

  let programs = 0
  const connect = (path: string, token: string): Promise<PythonNet> => PythonNet.connect((driver ??= new PythonDriver(found.python as string)), path, token)

  it('is a wheel for every system that needs nothing else and says that it is typed', async () => {
    expect(wheel).toBe(`nodestead_net-${VERSION}-py3-none-any.whl`)
    const told = await python('-c', 'import importlib.metadata as m; d = m.distribution("nodestead-net"); print(d.requires, d.metadata["Requires-Python"], any(str(f).endswith("py.typed") for f in d.files))')
    expect(told.trim()).toBe('None >=3.11 True')
  })

  it('has types without a gap, and so have programs that use it', async () => {
    const strict = ['-m', 'mypy', '--strict', '--cache-dir', devNull, '--no-error-summary', '--config-file', '']
    for (const platform of ['linux', 'win32']) expect(await python(...strict, '--platform', platform, join(BINDING, 'src'))).toBe('')
    expect(await python(...strict, ...readdirSync(PROGRAMS).filter((name) => name.endsWith('.py')))).toBe('')
  }, TOOLS_MS)

  it('knows the protocol as the node does', async () => {
    const { messages, methods } = JSON.parse(await python('protocol.py')) as { readonly messages: Record<string, Record<string, object>>; readonly methods: Record<string, object> }
    const known = new Map([...file_nodestead_net_v1_ipc.messages, ...file_p2pd.messages].map((message) => [DAEMON.get(message.typeName) ?? message.name, message]))
    expect(Object.keys(messages).length).toBeGreaterThan(40)
    for (const [name, fields] of Object.entries(messages)) {
      const theirs = known.get(name)?.fields ?? []
      const wanted = Object.fromEntries(theirs.map((field) => [field.number, { name: field.name, kind: kindOf(field), repeated: field.fieldKind === 'list' }]))
      if ([...DAEMON.values()].includes(name)) expect(wanted, name).toMatchObject(fields)
      else expect(fields, name).toEqual(wanted)
    }
    const offered = Object.fromEntries(
      file_nodestead_net_v1_ipc.services.flatMap(({ typeName, methods: all }) => all.map(({ name, input, output, methodKind }) => [`${typeName}/${name}`, { request: input.name, answer: output.name, streaming: methodKind === 'server_streaming' }])),
    )
    expect(offered).toMatchObject(methods)
  })

  it.each(['test_wire', 'test_connection'])('passes its own tests: %s', async (name) => {
    await python('-X', 'dev', '-W', 'error', '-m', 'unittest', '--quiet', name)
  })

  describe('the net', () =>
    itHoldsTheSurface(
      () => lab,
      async ({ net }) => connect(net.ipc.path as string, (await net.programs.add(`program-${++programs}`, WIDEST_SCOPES)).token),
    ))

  describe('a program', () => itHoldsAProgram(() => lab, connect))

  const PYTHON: Language = { binding: 'python', ending: 'py', command: found.python ?? '' }
  it.each([
    { who: 'itself', serving: PYTHON, saying: PYTHON },
    { who: 'TypeScript', serving: PYTHON, saying: TYPESCRIPT },
    { who: 'TypeScript the other way', serving: TYPESCRIPT, saying: PYTHON },
  ])('talks by the examples that are printed with $who', ({ serving, saying }) => expectToTalk(lab, serving, saying))
})

/** Messages of the daemon's protocol, of which the binding knows what a session begins with. */
const DAEMON = new Map([
  ['p2pd.pb.Request', 'DaemonRequest'],
  ['p2pd.pb.Response', 'DaemonResponse'],
  ['p2pd.pb.ErrorResponse', 'DaemonError'],
])

/** In the words of the binding. */
function kindOf(field: DescField): string {
  if (field.fieldKind === 'map') return 'map'
  if (field.message !== undefined) return DAEMON.get(field.message.typeName) ?? field.message.name
  if (field.enum !== undefined) return 'uint'
  switch (field.scalar) {
    case ScalarType.STRING:
      return 'string'
    case ScalarType.BYTES:
      return 'bytes'
    case ScalarType.BOOL:
      return 'bool'
    case ScalarType.DOUBLE:
      return 'double'
    default:
      return 'uint'
  }
}
