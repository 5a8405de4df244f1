/**
 * The native parts of QUIC, one package per platform: they are optional everywhere, and the node runs without.
 *
 * package.json's `overrides` take them to a version newer than the one that their parent names: that one's reading of packets had holes by which
 * strangers could exhaust the memory (GHSA-qfwj-vfxf-92j2, GHSA-hmxj-32vh-65vr, GHSA-2hv7-gw8g-gpq5).
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ROOT } from './terminal.ts'

const PREFIX = '@chainsafe/libp2p-quic-'

const manifestSchema = z.looseObject({ overrides: z.record(z.string(), z.string()) })

/** Name and version of each. */
export async function quicNatives(root = ROOT): Promise<Readonly<Record<string, string>>> {
  const { overrides } = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => name.startsWith(PREFIX)))
}
