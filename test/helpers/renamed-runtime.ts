/** The development runtime under another name of its implementation, which is what `state_getRuntimeVersion` shows. */
import { zstdCompressSync } from 'node:zlib'
import { concatBytes, fromHex, utf8 } from '../../node-core/base/bytes.ts'
import { genesisCode } from '../../node-core/chain/spec/genesis.ts'
import { unpackCode } from '../../node-core/chain/runtime/code/code.ts'
import { readChainFile } from './chain-files.ts'

const ZSTD_PREFIX = fromHex('0x52bc537646db8e05')

export const ORIGINAL_NAME = 'nodestead'
export const OTHER_NAME = 'nodestood'

export function renamedRuntime(): Uint8Array {
  const code = Buffer.from(unpackCode(genesisCode(readChainFile('dev'))))
  // In a section of the binary, and where `Core_version` reads it. The specification has the same name, and is renamed too.
  const [from, to] = [utf8(ORIGINAL_NAME), utf8(OTHER_NAME)]
  let count = 0
  for (let at = code.indexOf(from); at >= 0; at = code.indexOf(from, at)) {
    code.set(to, at)
    count++
  }
  if (count === 0) throw new Error('the development runtime has another name')
  return concatBytes(ZSTD_PREFIX, zstdCompressSync(code))
}
