/**
 * The plain links of a node, as a file says them: its own name, where it listens, and the peers. Each member of the mesh has a file of its own.
 *
 *     { "network": "lab", "name": "a", "listen": { "host": "10.0.0.1", "port": 4400 }, "peers": [{ "name": "b", "host": "10.0.0.2", "port": 4400 }] }
 */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { z } from 'zod'
import { errorMessage, NodeError } from '../../base/errors.ts'
import type { PlainErrorCode, PlainMeshOptions } from './plain-mesh.ts'

const MAX_BYTES = 256 * 1024
const name = z.string().min(1).max(64)
const host = z.string().refine((text) => isIP(text) !== 0, 'is no IP address')
const port = z.number().int().min(1).max(65_535)
const SCHEMA = z.strictObject({
  network: z.string().min(1).max(128),
  name,
  listen: z.strictObject({ host, port }),
  peers: z.array(z.strictObject({ name, host, port })).max(256),
  longestRetrySeconds: z.number().int().min(1).max(86_400).default(60),
})

/** Throws a NodeError NETWORK_PLAIN_FILE that says what is wrong with the file. */
export async function readPlainFile(path: string): Promise<PlainMeshOptions> {
  try {
    const bytes = await readFile(path)
    if (bytes.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`)
    const { longestRetrySeconds, ...mesh } = SCHEMA.parse(JSON.parse(bytes.toString('utf8')))
    return { ...mesh, longestRetryMs: longestRetrySeconds * 1000 }
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : errorMessage(error)
    throw new NodeError<PlainErrorCode>('NETWORK_PLAIN_FILE', `The file of plain links ${path} is not usable: ${why}.`, { hint: 'Correct it, or leave --net-plain-file out.', cause: error })
  }
}
