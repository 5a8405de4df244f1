/** The node's network key, as `--node-key` or in the file of `--node-key-file`, in the forms of Substrate: 32 raw bytes or 64 hexadecimal digits. */
import { readFileSync } from 'node:fs'
import { errorMessage } from '../base/errors.ts'
import { invalid } from './definition/errors.ts'

/** 64 hexadecimal digits; undefined where neither is said. Throws OPTIONS_INVALID. */
export function readNodeKey(values: { readonly 'node-key'?: string; readonly 'node-key-file'?: string }): string | undefined {
  const path = values['node-key-file']
  if (path === undefined) return values['node-key']
  if (values['node-key'] !== undefined) throw invalid('--node-key and --node-key-file exclude each other.', 'node-key')
  return nodeKeyIn(readBytes(path), path)
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw invalid(`--node-key-file: the file ${path} cannot be read: ${errorMessage(error)}.`, 'node-key-file')
  }
}

export function nodeKeyIn(content: Uint8Array, path: string): string {
  if (content.length === 32) return Buffer.from(content).toString('hex')
  const digits = /^(?:0x)?([0-9a-fA-F]{64})\s*$/.exec(Buffer.from(content.subarray(0, 80)).toString('latin1'))?.[1]
  if (digits === undefined) throw invalid(`The file ${path} holds neither 32 bytes nor 64 hexadecimal digits.`, 'node-key-file')
  return digits
}
