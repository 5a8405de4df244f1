/**
 * Native parts of packages, one package per platform: what needs them is optional everywhere, and the node runs without.
 *
 * package.json's `overrides` name those that the product ships. Of QUIC they are newer than the ones that their parent names: that one's reading of packets had holes by
 * which strangers could exhaust the memory (GHSA-qfwj-vfxf-92j2, GHSA-hmxj-32vh-65vr, GHSA-2hv7-gw8g-gpq5). Of koffi, which is used for an IP link on Linux, they are
 * those of Linux alone.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ROOT } from './terminal.ts'

const QUIC = '@chainsafe/libp2p-quic-'
const CALLS = '@koromix/koffi-'

const manifestSchema = z.looseObject({ overrides: z.record(z.string(), z.string()), dependencies: z.record(z.string(), z.string()) })

/** Of QUIC: name and version of each. */
export async function quicNatives(root = ROOT): Promise<Readonly<Record<string, string>>> {
  return shipped(QUIC, root)
}

/** Of all packages: name and version of each. */
export async function nativeParts(root = ROOT): Promise<Readonly<Record<string, string>>> {
  return { ...(await shipped(QUIC, root)), ...(await shipped(CALLS, root)) }
}

/** The package that needs those of calls into the system: its name and version. It brings them itself where npm installs it. */
export async function systemCalls(root = ROOT): Promise<Readonly<Record<string, string>>> {
  const { dependencies } = await manifest(root)
  return { koffi: dependencies['koffi'] ?? '' }
}

async function shipped(prefix: string, root: string): Promise<Readonly<Record<string, string>>> {
  const { overrides } = await manifest(root)
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => name.startsWith(prefix)))
}

async function manifest(root: string): Promise<z.infer<typeof manifestSchema>> {
  return manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
}
