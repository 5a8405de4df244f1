/**
 * Which node a command talks to, and how it is reached.
 *
 * A running node has a local socket and a token in its base folder (services/local-door/). It is looked for in the folder of `--base-path`; where none is named,
 * in the one that `run` takes by itself, in the folder of the desktop app, and among temporary ones, as those of `--dev`. A named folder is the only one that counts, so that no command acts on
 * another node than the one that was meant. `--node` names a service API elsewhere, whose token is in a file; a token goes over no line that others can read.
 */
import { readFile, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { localDoor } from '../../services/local-door/place.ts'
import { isLoopback } from '../../services/server/visitors.ts'
import { defaultBasePath } from '../base-path.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import { temporaryPaths } from '../temporary-folder.ts'
import type { PlaceValues } from './flags.ts'

/** A node that answered, or that was named. */
export interface NodePlace {
  /** For people. */
  readonly name: string
  /** The address that requests name. */
  readonly baseUrl: string
  /** Undefined for one that is reached by its address. */
  readonly socketPath: string | undefined
  readonly token: string
}

export interface Surroundings {
  readonly platform?: NodeJS.Platform
  readonly env?: NodeJS.ProcessEnv
  /** Temporary data folders of this user. */
  readonly temporary?: () => Promise<readonly string[]>
}

const MAX_TOKEN_BYTES = 1024
const TOKEN = /^[A-Za-z0-9_-]{16,256}$/

/** What Electron calls `userData` for this app, where nothing else was said to it. */
export function appFolder({ platform = process.platform, env = process.env }: Surroundings = {}): string {
  const { NODESTEAD_USER_DATA: own = '', APPDATA, XDG_CONFIG_HOME: config = '' } = env
  if (own !== '') return own
  if (platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Nodestead')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Nodestead')
  return join(config === '' ? join(homedir(), '.config') : config, 'Nodestead')
}

/** Throws NODE_NOT_FOUND, OPTIONS_INVALID, DATA_INVALID. */
export async function findNode(values: PlaceValues, surroundings: Surroundings = {}): Promise<NodePlace> {
  if (values.node !== undefined) {
    if (values['base-path'] !== undefined) throw invalid('--node and --base-path exclude each other.', 'node')
    return nodeElsewhere(values.node, values['token-file'])
  }
  if (values['token-file'] !== undefined) throw invalid('--token-file goes with --node: a node on this computer has a token of its own.', 'token-file')
  const named = values['base-path']
  const folders = named === undefined ? [defaultBasePath(surroundings.platform, surroundings.env), appFolder(surroundings)] : [named]
  for (const folder of folders) {
    if (await answers(localDoor(folder).socketPath)) return nodeIn(folder)
  }
  const temporary = named === undefined ? await temporaryNodes(surroundings.temporary ?? temporaryPaths) : []
  if (temporary[0] !== undefined && temporary.length === 1) return nodeIn(temporary[0])
  if (temporary.length > 1) throw invalid(`Several temporary nodes run: ${temporary.join(', ')}. Name one by --base-path.`, 'base-path')
  const where = folders.length === 1 ? folders[0] : `${folders.join(', nor in ')}${named === undefined ? ' (the app)' : ''}`
  throw new CommandError('NODE_NOT_FOUND', `No node runs in ${where}.`, {
    hint: named === undefined ? 'Start one, name its data folder by --base-path, or one elsewhere by --node and --token-file.' : 'Start it with that --base-path, or name the folder of one that runs.',
  })
}

async function nodeIn(folder: string): Promise<NodePlace> {
  const { socketPath, tokenPath } = localDoor(folder)
  return { name: folder, baseUrl: 'http://localhost', socketPath, token: await tokenIn(tokenPath) }
}

async function temporaryNodes(folders: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const running: string[] = []
  for (const folder of await folders()) if (await answers(localDoor(folder).socketPath)) running.push(folder)
  return running
}

/** True where somebody listens. Throws NODE_NOT_FOUND where that is another user. */
async function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EACCES' || code === 'EPERM') reject(new CommandError('NODE_NOT_FOUND', `The node at ${socketPath} belongs to another user.`, { hint: 'Use the command as that user, such as by sudo -u.' }))
      else resolve(false)
    })
  })
}

async function nodeElsewhere(address: string, tokenFile: string | undefined): Promise<NodePlace> {
  const url = urlOf(address)
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw invalid(`--node ${address} would send the token in the clear.`, 'node')
  }
  if (tokenFile === undefined) throw invalid('--node needs --token-file, a file with the token of a client of that node.', 'node')
  return { name: url.host, baseUrl: url.href.replace(/\/$/, ''), socketPath: undefined, token: await tokenIn(tokenFile) }
}

/** `host:port` is TLS, but for this computer. */
function urlOf(address: string): URL {
  const isLocal = /^(127\.|localhost[:/]|localhost$|\[::1\])/.test(address)
  const text = /^https?:\/\//.test(address) ? address : `${isLocal ? 'http' : 'https'}://${address}`
  const url = URL.canParse(text) && !text.includes('://', 8) ? new URL(text) : undefined
  if (url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return url
  throw invalid(`--node takes an address such as https://host:9966, not "${address}".`, 'node')
}

async function tokenIn(path: string): Promise<string> {
  const text = await read(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError('DATA_INVALID', `The token in ${path} cannot be read (${error.code ?? error.message}).`, { hint: error.code === 'EACCES' ? 'It belongs to another user: use the command as that one.' : 'Name a file that has it.' })
  })
  if (TOKEN.test(text)) return text
  throw new CommandError('DATA_INVALID', `${path} holds no token.`, { hint: 'A token is one line of letters, digits, - and _.' })
}

async function read(path: string): Promise<string> {
  const { size } = await stat(path)
  return size > MAX_TOKEN_BYTES ? '' : (await readFile(path, 'utf8')).trim()
}
