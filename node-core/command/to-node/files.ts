/** What `share` and `fetch` do: files between the nodes of a network. The node hashes and fetches; a command says how far it is, and may be interrupted without harm. */
import { isAbsolute, resolve } from 'node:path'
import { FileFetchSchema, Resources, SharedFileSchema, type FileFetch } from '../../services/proto/nodestead/v1/resources_pb.ts'
import { NodeError } from '../../base/errors.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import type { Progress } from '../terminal/progress.ts'
import { bytesText } from '../terminal/quantities.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { PlaceValues } from './flags.ts'
import { withNode, type Caller, type NodeLine } from './line.ts'
import { jsonOf } from './messages.ts'

const LOOK_EVERY_MS = 250

/** A path of the node's computer: this one, but for --node. */
function pathFor(path: string, { node }: PlaceValues): string {
  if (node === undefined) return resolve(path)
  if (isAbsolute(path)) return path
  throw invalid(`With --node a file is one of that computer, and named by its whole path, not "${path}".`)
}

function pause({ clock }: Terminal): Promise<void> {
  return new Promise((done) => clock.schedule(LOOK_EVERY_MS, done))
}

export async function shareFile(caller: Caller, word: string): Promise<undefined> {
  const { terminal, values } = caller
  const path = pathFor(word, values)
  return withNode(caller, async (line) => {
    const { network } = await line.network(values.network)
    const resources = line.client(Resources)
    let isDone = false
    const sharing = resources.share({ network, path }, { signal: line.options.signal }).finally(() => (isDone = true))
    sharing.catch(() => undefined)
    let progress: Progress | undefined
    try {
      for (await Promise.race([sharing.catch(() => undefined), pause(terminal)]); !isDone; await Promise.race([sharing.catch(() => undefined), pause(terminal)])) {
        const { hashing } = await resources.listShared({ network }, line.options)
        if (hashing === undefined) continue
        progress ??= terminal.progress({ label: 'Hashing', unit: 'bytes', total: Number(hashing.bytesTotal) })
        progress.at(Number(hashing.bytesDone))
      }
      const { file } = await sharing
      if (file === undefined) throw new CommandError('NODE_SILENT', 'The node said nothing of the file.')
      progress?.at(Number(file.size))
      progress?.end()
      terminal.result(jsonOf(SharedFileSchema, file), terminal.sheet.isScreen ? `${file.root}\n${file.path}, ${bytesText(file.size)}. Others get it by: fetch ${file.root}` : `${file.root}\t${file.size}\t${file.path}`)
      return undefined
    } finally {
      progress?.end()
    }
  })
}

export interface FetchValues extends PlaceValues {
  readonly peers?: readonly string[]
}

export async function fetchFile(caller: Caller & { readonly values: FetchValues }, root: string, word: string | undefined): Promise<undefined> {
  const { terminal, values } = caller
  const name = root.toLowerCase().replace(/^0x/, '')
  if (!/^[0-9a-f]{64}$/.test(name)) throw new CommandError('DATA_INVALID', 'The root of a file has 64 hexadecimal digits.', { hint: 'It is what share says.' })
  const path = pathFor(word ?? name, values)
  return withNode(caller, async (line, signal) => {
    const { network } = await line.network(values.network)
    const file = await (async () => {
      await begin(line, { network, root: name, path, peers: [...(values.peers ?? [])] })
      return untilDone(line, terminal, { network, path, signal })
    })().catch((error: unknown) => {
      throw signal.aborted ? new CommandError('INTERRUPTED', 'Interrupted; the node goes on with what it fetches.', { hint: 'The same command shows how far it is.' }) : error
    })
    terminal.result(jsonOf(FileFetchSchema, file), terminal.sheet.isScreen ? `${file.path}, ${bytesText(file.bytesDone)}` : `${file.root}\t${file.bytesDone}\t${file.path}`)
    return undefined
  })
}

/** What was begun before goes on. */
async function begin(line: NodeLine, { network, root, path, peers }: { readonly network: string; readonly root: string; readonly path: string; readonly peers: string[] }): Promise<void> {
  const resources = line.client(Resources)
  const before = await fetchTo(line, network, path)
  if (before?.root !== root || before.state === 'done') await resources.fetch({ network, root, path, peers }, line.options)
  else await resources.resume({ network, path }, line.options)
}

async function fetchTo(line: NodeLine, network: string, path: string): Promise<FileFetch | undefined> {
  const { fetches } = await line.client(Resources).listFetches({ network }, line.options)
  return fetches.find((fetch) => fetch.path === path)
}

async function untilDone(line: NodeLine, terminal: Terminal, { network, path, signal }: { readonly network: string; readonly path: string; readonly signal: AbortSignal }): Promise<FileFetch> {
  let progress: Progress | undefined
  try {
    for (;;) {
      const file = await fetchTo(line, network, path)
      if (file === undefined || file.state === 'cancelled') throw new CommandError('DECLINED', `The fetch to ${path} was discarded.`)
      if (file.bytesTotal > 0n) (progress ??= terminal.progress({ label: 'Fetching', unit: 'bytes', total: Number(file.bytesTotal), from: Number(file.bytesDone) })).at(Number(file.bytesDone))
      if (file.state === 'done') return file
      if (file.state === 'failed') throw new NodeError('FETCH_FAILED', `The file could not be fetched: ${file.problem}.`.replace('..', '.'), { hint: 'The same command tries again.' })
      if (file.state === 'paused') throw new CommandError('DECLINED', `The fetch to ${path} was paused.`, { hint: 'The same command goes on with it.' })
      signal.throwIfAborted()
      await pause(terminal)
    }
  } finally {
    progress?.end()
  }
}
