/**
 * Electron's doors: which a release keeps shut (Electron's documentation, "Fuses"), and which are, read from a packaged program.
 */
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import type { Configuration } from 'electron-builder'

/** `inspectable` is for tests alone: Playwright drives the app through the inspector, which a release refuses. */
export function fuses(inspectable = false): NonNullable<Configuration['electronFuses']> {
  return {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: inspectable,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  }
}

/** The digits `0` and `1` in the program, as which Electron reads them. */
const OFF = 0x30
const ON = 0x31

const ENABLED: readonly FuseV1Options[] = [FuseV1Options.EnableCookieEncryption, FuseV1Options.EnableEmbeddedAsarIntegrityValidation, FuseV1Options.OnlyLoadAppFromAsar]
const DISABLED: readonly FuseV1Options[] = [
  FuseV1Options.RunAsNode, FuseV1Options.EnableNodeOptionsEnvironmentVariable, FuseV1Options.EnableNodeCliInspectArguments,
  FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, FuseV1Options.GrantFileProtocolExtraPrivileges,
]

/** Names of those that are not as a release has them. */
export async function openFuses(executable: string): Promise<string[]> {
  const wire = await getCurrentFuseWire(executable)
  const wrong = (options: readonly FuseV1Options[], wanted: number): string[] => options.filter((option) => Number(wire[option]) !== wanted).map((option) => FuseV1Options[option])
  return [...wrong(ENABLED, ON), ...wrong(DISABLED, OFF)]
}
