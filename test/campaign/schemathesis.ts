/**
 * schemathesis against a development node: requests that it makes up out of the OpenAPI document, valid and not, and answers that it holds to the document. It finds a status that is not listed,
 * a refusal without a code, a field that is not as it is described, nonsense that is taken. Whether a valid request is taken depends on the node (its chain, its keys, its network), which a
 * document cannot say: that check is left out.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliProcess } from '../helpers/cli.ts'
import { pythonWithAll, type PythonWith } from '../helpers/python-venv.ts'

const VERSION = '4.32.5'
const INSTALLING_MS = 10 * 60_000
/** It would end the node. */
const LEFT_OUT = '/nodestead.v1.Node/Shutdown'

/** Where it is, or why it is not: made at the first use. */
export function schemathesis(): PythonWith {
  return pythonWithAll(`schemathesis-${VERSION}`, [`schemathesis==${VERSION}`], ['schemathesis'], INSTALLING_MS)
}

export interface SchemathesisOptions {
  readonly python: string
  /** Of each method. */
  readonly examples: number
  readonly seed: number
  /** Only methods whose paths match. */
  readonly paths?: string
  readonly onLine?: (line: string) => void
}

export interface SchemathesisReport {
  /** No fault was found. */
  readonly isClean: boolean
  /** What it printed: each fault with a request that shows it. */
  readonly text: string
}

export async function schemathesisCampaign({ python, examples, seed, paths, onLine = () => undefined }: SchemathesisOptions): Promise<SchemathesisReport> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-schemathesis-'))
  const cli = new CliProcess(['--dev', '--base-path', join(folder, 'data'), '--sealing', '500', '--net', '--service-port', '0', '--service-token-file', join(folder, 'token'), '--port', '0', '--rpc-port', '0', '--no-prometheus', '--no-mdns'])
  try {
    const address = (await cli.waitFor(/Service API: (\S+)/))[1] as string
    const token = (await readFile(join(folder, 'token'), 'utf8')).trim()
    const args = [
      '-c', 'from schemathesis.cli import schemathesis; schemathesis()', '--no-color', 'run', `${address}/openapi.json`, '-H', `Authorization: Bearer ${token}`, '--exclude-path', LEFT_OUT, ...(paths === undefined ? [] : ['--include-path-regex', paths]),
      '--checks', 'all', '--exclude-checks', 'positive_data_acceptance', '--seed', String(seed), '-n', String(examples), '--phases', 'coverage,fuzzing', '--no-shrink', '--continue-on-failure', '--warnings', 'off',
    ]
    const child = spawn(python, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        text += part.toString()
        for (const line of part.toString().split('\n')) if (line.trim() !== '') onLine(line)
      })
    }
    const [code] = (await once(child, 'close')) as [number | null]
    return { isClean: code === 0, text }
  } finally {
    await cli.interrupt()
    await rm(folder, { recursive: true, force: true })
  }
}
